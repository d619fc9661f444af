/* clipclap for C and for every language that can call C: what is seen and heard, in your own words.
 *
 * Handles are opaque. What a function opens is the caller's and is released by the function of the
 * same handle that ends in `_free`, which takes NULL too. Nothing else that is passed in or handed
 * out changes hands: strings and arrays that the caller passes are copied or read before the
 * function returns; strings and pointers that a handle gives live as long as is said there.
 *
 * Errors. A function that can fail returns a clipclap_status, 0 for success and below 0 for an
 * error. A handle keeps the message of its last error, `clipclap_…_error(handle)`, until the next
 * call with the handle. Functions that open a handle write the message into `error` instead, cut to
 * `error_size` bytes with its end; both may be NULL and 0. After an error nothing has been handed
 * out, and the handle is as it was before the call unless the function says otherwise. Nothing is
 * thrown, printed or exited from.
 *
 * Threads. Any number of threads may use a model at once, and each of its sessions. Calls with one
 * session, summary, writer or processor exclude each other, except waiting for a result, which
 * lets others push meanwhile. A handle must not be in use when it is freed. A session keeps what it
 * needs of its model, which may be freed first.
 *
 * Options are structs whose first member is their size: call the `_init` function, which sets every
 * default, then set what you want. Later versions add members at the end.
 *
 * Text is UTF-8 and ends with a zero. Times are seconds on the caller's own clock.
 */
#ifndef CLIPCLAP_CLIPCLAP_H
#define CLIPCLAP_CLIPCLAP_H

#include <stddef.h>
#include <stdint.h>

#include <clipclap/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Raised when a function is added; what was there stays as it is until the library's soname
 * changes. */
#define CLIPCLAP_API_VERSION 1

/* CLIPCLAP_API_VERSION of the library that is running. */
CLIPCLAP_API int clipclap_api_version(void);
/* Of the library, "0.1.0". Lives for ever. */
CLIPCLAP_API const char* clipclap_version(void);

typedef enum clipclap_status {
  CLIPCLAP_OK = 0,
  /* Not errors: what is waited for is not there yet, or will not come. */
  CLIPCLAP_AGAIN = 1,
  CLIPCLAP_END = 2,
  /* The caller asked for something that cannot be. */
  CLIPCLAP_INVALID_ARGUMENT = -1,
  /* A file or model is not there. */
  CLIPCLAP_NOT_FOUND = -2,
  /* The system refused to read or write. */
  CLIPCLAP_IO = -3,
  /* A file whose contents are wrong. */
  CLIPCLAP_INVALID_DATA = -4,
  /* Right, but not something this build can do. */
  CLIPCLAP_UNSUPPORTED = -5,
  CLIPCLAP_CANCELLED = -6,
  CLIPCLAP_OUT_OF_MEMORY = -7,
  /* A bug in clipclap or a failure inside a dependency. */
  CLIPCLAP_INTERNAL = -8
} clipclap_status;

/* "invalid_argument" and so on; "unknown" for what is no status. Lives for ever. */
CLIPCLAP_API const char* clipclap_status_name(clipclap_status status);

typedef enum clipclap_log_level {
  CLIPCLAP_LOG_INFO = 0,
  CLIPCLAP_LOG_WARNING = 1
} clipclap_log_level;

/* Where the library says what is no error; NULL, the default, drops it. `handler` may be called
 * from any thread, one call at a time; `message` lives during the call. A setting of the process.
 */
CLIPCLAP_API void clipclap_set_log_handler(void (*handler)(void* user, clipclap_log_level level,
                                                           const char* message),
                                           void* user);

/* ---- Models ---- */

typedef struct clipclap_model clipclap_model;

typedef struct clipclap_model_options {
  size_t struct_size;
  /* A checkpoint's folder, the name of one in the local Hugging Face cache, a TorchScript file
   * (which runs code that is in it), or "embedded:demo" (sees), "embedded:demo-audio" (hears).
   * NULL: "embedded:demo". */
  const char* model;
  /* "cpu" (also NULL), "cuda", "cuda:1", "xpu:0", "mps", several with commas, or "auto". */
  const char* device;
  /* "fp32", "bf16", "fp16", "int8" or "auto". NULL: fp32 on a processor, what is fastest elsewhere.
   */
  const char* precision;
  /* Threads for the towers, 0 for every core. A setting of the process. */
  int threads;
  /* Of a TorchScript file: what it does not say of itself. Other models refuse what is set here. */
  const char* tokenizer; /* tokenizer.json, or a folder with what the tokenizer needs */
  double logit_scale;    /* the factor itself; 0: the model's own answer */
  int image_size;        /* pixels a side; 0: found by trying */
  int normalize;         /* 1 (default) or 0: whether embeddings are divided by their length */
  int text_length;       /* tokens; 0: found by trying */
  int sample_rate;       /* samples a second; 0: found by trying */
  double sample_seconds; /* of sound heard at once; 0: found by trying */
  const char*
      forward_order; /* "media" or "text": what forward() takes first; NULL: found by trying */
} clipclap_model_options;

/* `struct_size` is sizeof(clipclap_model_options). */
CLIPCLAP_API void clipclap_model_options_init(clipclap_model_options* options, size_t struct_size);

/* Loads a model. `options` may be NULL for the defaults. */
CLIPCLAP_API clipclap_status clipclap_model_open(const clipclap_model_options* options,
                                                 clipclap_model** model, char* error,
                                                 size_t error_size);
CLIPCLAP_API void clipclap_model_free(clipclap_model* model);

/* 1 or 0. */
CLIPCLAP_API int clipclap_model_sees(const clipclap_model* model);
CLIPCLAP_API int clipclap_model_hears(const clipclap_model* model);
/* Of sound: samples a second, and the seconds that the model hears at once; 0 where it does not. */
CLIPCLAP_API int clipclap_model_sample_rate(const clipclap_model* model);
CLIPCLAP_API double clipclap_model_window_seconds(const clipclap_model* model);
/* All that is known of it as one JSON object. Lives as long as the model. */
CLIPCLAP_API const char* clipclap_model_info(const clipclap_model* model);

/* ---- Sessions: media go in, scores come out, in order ---- */

typedef struct clipclap_session clipclap_session;

typedef struct clipclap_session_options {
  size_t struct_size;
  /* Pictures, or windows of sound, that go through the tower at once; 0: what suits the model. */
  int batch;
  /* Batches under way at once; 0: as many as keep every core busy. Pushing waits where there are
   * more, so memory is bounded. */
  int batches_in_flight;
  /* Divides the logits; must be above 0. Default 1. */
  double temperature;
  /* The factor of cosines in place of the model's own; 0: the model's own. */
  double logit_scale;
  /* Labels below it are left out of results; 0 … 1. Default 0. */
  double threshold;
  /* Best labels to keep, of each unit of a categories file; 0: all. */
  int top;
  /* Of sound: length and distance of windows in seconds; 0: what the model hears at once, and half
   * a window. */
  double window_seconds;
  double hop_seconds;
  /* Windows none of whose blocks of 400 ms is louder, in LUFS, are silent: they have no scores.
   * Default -70; -INFINITY scores all. */
  double silence_floor;
} clipclap_session_options;

CLIPCLAP_API void clipclap_session_options_init(clipclap_session_options* options,
                                                size_t struct_size);

/* A session of pictures where the model sees, of sound where it hears. It has no words yet.
 * `options` may be NULL for the defaults. */
CLIPCLAP_API clipclap_status clipclap_session_open(const clipclap_model* model,
                                                   const clipclap_session_options* options,
                                                   clipclap_session** session, char* error,
                                                   size_t error_size);
/* Drops what is under way. */
CLIPCLAP_API void clipclap_session_free(clipclap_session* session);
/* The message of the last call's error, "" where it had none. Lives until the next call. Where
 * several threads share the session, each has its own. */
CLIPCLAP_API const char* clipclap_session_error(const clipclap_session* session);

/* The words to look or listen for; what was pushed before keeps the words that it was pushed under.
 * The text tower runs in here. */

/* `templates` hold "{}" once, where the label goes; with several, the mean of the prompts'
 * embeddings is the label's. None (NULL, 0): "{}". */
CLIPCLAP_API clipclap_status clipclap_session_set_labels(clipclap_session* session,
                                                         const char* const* labels,
                                                         size_t label_count,
                                                         const char* const* templates,
                                                         size_t template_count);
/* As the command line reads --labels: "cat,dog", or "@FILE". */
CLIPCLAP_API clipclap_status clipclap_session_parse_labels(clipclap_session* session,
                                                           const char* text,
                                                           const char* const* templates,
                                                           size_t template_count);
/* A categories file: "[unit]", below it "(category)", below it a prompt a line. Each unit is a
 * softmax of its own. `sums_prompts` 0: a category is one point, the mean of its prompts, so that
 * their number does not count; 1: the softmax is over prompts, and a category's score their sum. */
CLIPCLAP_API clipclap_status clipclap_session_set_categories(clipclap_session* session,
                                                             const char* path, int sums_prompts);
/* For what is pushed from now on. */
CLIPCLAP_API clipclap_status clipclap_session_set_threshold(clipclap_session* session,
                                                            double threshold);

/* A region of a picture in pixels, from its top left corner. What lies outside of the picture is
 * cut off; a region of which nothing is left is passed over. */
typedef struct clipclap_box {
  int x;
  int y;
  int width;
  int height;
} clipclap_box;

typedef struct clipclap_picture {
  size_t struct_size;
  int width;
  int height;
  /* FFmpeg's name, such as "yuv420p", "rgb24", "nv12" (av_get_pix_fmt_name()): numbers differ from
   * version to version. Formats in the memory of a device are refused. */
  const char* pixel_format;
  const uint8_t* planes[4];
  ptrdiff_t strides[4]; /* bytes from row to row; below 0 where a picture lies upside down */
  /* FFmpeg's names (av_color_space_name(), av_color_range_name(), av_chroma_location_name()); NULL
   * or "unknown" where it is not told. */
  const char* color_matrix;
  const char* color_range;
  const char* chroma_location;
  /* Width of a pixel over its height; 0 where it is not told, which is square. */
  double pixel_aspect;
  /* When it is shown. `end_seconds` may be the same where it is not known. */
  double start_seconds;
  double end_seconds;
  /* Comes back with its results. */
  uint64_t id;
  /* Regions to look at instead of the whole, a result each. None: the whole. */
  const clipclap_box* boxes;
  size_t box_count;
} clipclap_picture;

CLIPCLAP_API void clipclap_picture_init(clipclap_picture* picture, size_t struct_size);

/* Prepares a picture for the model and puts it into the batch that is being filled; nothing of the
 * caller's is needed afterwards. `results`, where not NULL, is how many results it will have: 1, or
 * as many as boxes that are not passed over. Waits where too much is under way. */
CLIPCLAP_API clipclap_status clipclap_session_push_picture(clipclap_session* session,
                                                           const clipclap_picture* picture,
                                                           size_t* results);

typedef struct clipclap_samples {
  size_t struct_size;
  /* FFmpeg's names, such as "fltp", "s16" (av_get_sample_fmt_name()), and "stereo", "5.1"
   * (av_channel_layout_describe()), or a number of channels, "3 channels". NULL: the usual layout
   * for `channel_count`. */
  const char* sample_format;
  const char* channel_layout;
  int channel_count;
  int sample_rate;
  /* One array, or one for each channel where the format is planar. */
  const uint8_t* const* planes;
  size_t count; /* samples of each channel */
  /* Of the first sample. NAN: it follows what was pushed last. Gaps up to a window are taken for
   * silence; behind a longer one windows begin anew. */
  double start_seconds;
} clipclap_samples;

CLIPCLAP_API void clipclap_samples_init(clipclap_samples* samples, size_t struct_size);

/* Adds sound to the window that is being filled. Waits where too much is under way. */
CLIPCLAP_API clipclap_status clipclap_session_push_samples(clipclap_session* session,
                                                           const clipclap_samples* samples);

/* What was pushed need not wait for more: batches go on their way as full as they are, and sound
 * ends: its last window ends with it, and what is pushed afterwards begins anew. */
CLIPCLAP_API clipclap_status clipclap_session_flush(clipclap_session* session);

typedef struct clipclap_result clipclap_result;

/* Takes the next result, in the order of what was pushed, without waiting: CLIPCLAP_AGAIN where it
 * is not known yet, CLIPCLAP_END where nothing that was pushed is without its result (sound that
 * does not fill a window yet does not count). The result is the caller's. An error is that of the
 * next result, which is dropped: the one behind it may be good. */
CLIPCLAP_API clipclap_status clipclap_session_poll(clipclap_session* session,
                                                   clipclap_result** result);
/* The same, but waits for it, at most so long; below 0 without limit. What is in a batch that is
 * not full is sent on its way. CLIPCLAP_AGAIN where the time is over. */
CLIPCLAP_API clipclap_status clipclap_session_wait(clipclap_session* session,
                                                   double timeout_seconds,
                                                   clipclap_result** result);

CLIPCLAP_API void clipclap_result_free(clipclap_result* result);
/* The picture's; 0 for sound. */
CLIPCLAP_API uint64_t clipclap_result_id(const clipclap_result* result);
/* Which of the picture's boxes it is about, by its index; -1 for the whole, and for sound. */
CLIPCLAP_API ptrdiff_t clipclap_result_box(const clipclap_result* result);
CLIPCLAP_API double clipclap_result_start_seconds(const clipclap_result* result);
CLIPCLAP_API double clipclap_result_end_seconds(const clipclap_result* result);
/* 1 where there is nothing to hear: it has no labels. */
CLIPCLAP_API int clipclap_result_is_silent(const clipclap_result* result);
/* Labels by falling score, those of a unit together. */
CLIPCLAP_API size_t clipclap_result_label_count(const clipclap_result* result);
/* Of the label at an index below the count; NULL and 0 beyond. Strings live as long as the result.
 * The unit is "" without a categories file. */
CLIPCLAP_API const char* clipclap_result_label(const clipclap_result* result, size_t index);
CLIPCLAP_API const char* clipclap_result_unit(const clipclap_result* result, size_t index);
CLIPCLAP_API double clipclap_result_score(const clipclap_result* result, size_t index);
/* The cosine, -1 … 1. */
CLIPCLAP_API double clipclap_result_similarity(const clipclap_result* result, size_t index);

/* ---- Results as text ---- */

typedef struct clipclap_writer clipclap_writer;

/* `format` is one of the command line's: "jsonl", "csv", "srt", "vtt". `file` and `stream` ("v:0")
 * are what the records say they are of. `threshold`: labels below it are left out. */
CLIPCLAP_API clipclap_status clipclap_writer_open(const char* format, const char* file,
                                                  const char* stream, clipclap_writer** writer,
                                                  char* error, size_t error_size);
CLIPCLAP_API void clipclap_writer_free(clipclap_writer* writer);
CLIPCLAP_API const char* clipclap_writer_error(const clipclap_writer* writer);
/* The text that the result adds, whole lines, maybe none. `text` lives until the next call with the
 * writer and holds `size` bytes and a zero. */
CLIPCLAP_API clipclap_status clipclap_writer_write(clipclap_writer* writer,
                                                   const clipclap_result* result, const char** text,
                                                   size_t* size);
/* What the format has at its end. */
CLIPCLAP_API clipclap_status clipclap_writer_finish(clipclap_writer* writer, const char** text,
                                                    size_t* size);

/* ---- Averages over a stream ---- */

typedef struct clipclap_summary clipclap_summary;

/* For each stream and label the mean over all windows weighted by time, the peak and when it was,
 * the share of time at or above `threshold`, and the number of windows. */
CLIPCLAP_API clipclap_status clipclap_summary_open(double threshold, clipclap_summary** summary,
                                                   char* error, size_t error_size);
CLIPCLAP_API void clipclap_summary_free(clipclap_summary* summary);
CLIPCLAP_API const char* clipclap_summary_error(const clipclap_summary* summary);
/* The result counts with all its labels, whatever the session's `top` and `threshold` left out of
 * it. */
CLIPCLAP_API clipclap_status clipclap_summary_add(clipclap_summary* summary, const char* file,
                                                  const char* stream,
                                                  const clipclap_result* result);
/* All so far as "csv" or "json". `text` lives until the next call with the summary. */
CLIPCLAP_API clipclap_status clipclap_summary_write(clipclap_summary* summary, const char* format,
                                                    const char** text, size_t* size);
/* Forgets all so far. */
CLIPCLAP_API clipclap_status clipclap_summary_clear(clipclap_summary* summary);

/* ---- Processors: a picture in, a picture out ---- */

typedef struct clipclap_processor clipclap_processor;

typedef struct clipclap_processor_options {
  size_t struct_size;
  /* A TorchScript file (which runs code that is in it) whose forward() takes and gives
   * [batch, channels, height, width] of float32 in 0 … 1, channels 3 (red, green, blue) or 1. */
  const char* model;
  const char* device; /* as clipclap_model_options */
  int threads;
  int batch;             /* pictures at once; 0: what suits the model */
  int batches_in_flight; /* 0: as many as keep every core busy */
  int multiple;          /* sides are padded to multiples of it and cut again; 0: found by trying */
} clipclap_processor_options;

CLIPCLAP_API void clipclap_processor_options_init(clipclap_processor_options* options,
                                                  size_t struct_size);
CLIPCLAP_API clipclap_status clipclap_processor_open(const clipclap_processor_options* options,
                                                     clipclap_processor** processor, char* error,
                                                     size_t error_size);
CLIPCLAP_API void clipclap_processor_free(clipclap_processor* processor);
CLIPCLAP_API const char* clipclap_processor_error(const clipclap_processor* processor);
/* Of what goes in, and of what comes out (colouring makes 3 of 1): 1 or 3. */
CLIPCLAP_API int clipclap_processor_channels(const clipclap_processor* processor);
CLIPCLAP_API int clipclap_processor_output_channels(const clipclap_processor* processor);
/* The size of what becomes of pictures of `width` × `height`; tries the model. */
CLIPCLAP_API clipclap_status clipclap_processor_output_size(clipclap_processor* processor,
                                                            int width, int height, int* out_width,
                                                            int* out_height);

/* Planes of float32, one for each channel in the order red, green, blue; `strides` in bytes. All
 * pictures of a processor must have one size. What is outside of 0 … 1 is passed on as it is. */
CLIPCLAP_API clipclap_status clipclap_processor_push(clipclap_processor* processor,
                                                     const float* const* planes,
                                                     const ptrdiff_t* strides, int width,
                                                     int height);
/* The next picture, in the order of what was pushed, written into the caller's planes of the output
 * size, one for each channel that comes out. Statuses as clipclap_session_poll(). */
CLIPCLAP_API clipclap_status clipclap_processor_poll(clipclap_processor* processor,
                                                     float* const* planes,
                                                     const ptrdiff_t* strides);
/* The same, but waits for it, at most so long; below 0 without limit. */
CLIPCLAP_API clipclap_status clipclap_processor_wait(clipclap_processor* processor,
                                                     double timeout_seconds, float* const* planes,
                                                     const ptrdiff_t* strides);
/* What was pushed need not wait for more. */
CLIPCLAP_API clipclap_status clipclap_processor_flush(clipclap_processor* processor);

#ifdef __cplusplus
}
#endif

#endif /* CLIPCLAP_CLIPCLAP_H */
