/* The C API's processors, used from C and misused.
 *
 * processor_probe run MODEL WIDTH HEIGHT BATCH IN_FLIGHT: planes of float32 from standard input,
 * picture after picture, become those on standard output; their size goes to standard error.
 * processor_probe misuse MODEL: exits with 0 where every mistake is answered as is documented. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <clipclap/clipclap.h>

enum { kMostChannels = 3, kGap = 5, kErrorBytes = 400 };

#define CHECK(condition)                                      \
  do {                                                        \
    if (!(condition)) {                                       \
      fprintf(stderr, "line %d: %s\n", __LINE__, #condition); \
      exit(1);                                                \
    }                                                         \
  } while (0)

/* Planes with a gap behind each row; the caller's picture may lie upside down. */
typedef struct {
  int width;
  int height;
  int channels;
  float* memory[kMostChannels];
  float* planes[kMostChannels];
  ptrdiff_t strides[kMostChannels];
} Picture;

static Picture make_picture(int width, int height, int channels, int upside_down) {
  Picture picture = {width, height, channels, {NULL}, {NULL}, {0}};
  const size_t row = (size_t)width + kGap;
  for (int c = 0; c < channels; ++c) {
    picture.memory[c] = calloc(row * (size_t)height, sizeof(float));
    CHECK(picture.memory[c] != NULL);
    picture.planes[c] = picture.memory[c] + (upside_down ? row * (size_t)(height - 1) : 0);
    picture.strides[c] = (ptrdiff_t)(row * sizeof(float)) * (upside_down ? -1 : 1);
  }
  return picture;
}

static void free_picture(Picture* picture) {
  for (int c = 0; c < picture->channels; ++c) free(picture->memory[c]);
}

static float* row_of(const Picture* picture, int channel, int y) {
  return (float*)((char*)picture->planes[channel] + picture->strides[channel] * y);
}

static int read_picture(const Picture* picture) {
  for (int c = 0; c < picture->channels; ++c) {
    for (int y = 0; y < picture->height; ++y) {
      const size_t width = (size_t)picture->width;
      if (fread(row_of(picture, c, y), sizeof(float), width, stdin) != width) return 0;
    }
  }
  return 1;
}

static void write_picture(const Picture* picture) {
  for (int c = 0; c < picture->channels; ++c) {
    for (int y = 0; y < picture->height; ++y) {
      fwrite(row_of(picture, c, y), sizeof(float), (size_t)picture->width, stdout);
    }
  }
}

static clipclap_processor* open_processor(const char* model, int batch, int in_flight) {
  clipclap_processor_options options;
  char error[kErrorBytes];
  clipclap_processor* processor = NULL;
  clipclap_processor_options_init(&options, sizeof options);
  options.model = model;
  options.batch = batch;
  options.batches_in_flight = in_flight;
  if (clipclap_processor_open(&options, &processor, error, sizeof error) != CLIPCLAP_OK) {
    fprintf(stderr, "%s\n", error);
    exit(1);
  }
  return processor;
}

static void require_ok(const clipclap_processor* processor, clipclap_status status) {
  if (status >= 0) return;
  fprintf(stderr, "%d: %s\n", (int)status, clipclap_processor_error(processor));
  exit(1);
}

static int run(char** arguments) {
  const int width = atoi(arguments[1]);
  const int height = atoi(arguments[2]);
  clipclap_processor* processor =
      open_processor(arguments[0], atoi(arguments[3]), atoi(arguments[4]));
  int out_width = 0;
  int out_height = 0;
  require_ok(processor,
             clipclap_processor_output_size(processor, width, height, &out_width, &out_height));
  fprintf(stderr, "%d %d\n", out_width, out_height);
  Picture in = make_picture(width, height, clipclap_processor_channels(processor), 1);
  Picture out =
      make_picture(out_width, out_height, clipclap_processor_output_channels(processor), 0);
  clipclap_status status = CLIPCLAP_OK;
  while (read_picture(&in)) {
    require_ok(processor, clipclap_processor_push(processor, (const float* const*)in.planes,
                                                  in.strides, width, height));
    while ((status = clipclap_processor_poll(processor, out.planes, out.strides)) == CLIPCLAP_OK)
      write_picture(&out);
    require_ok(processor, status);
  }
  require_ok(processor, clipclap_processor_flush(processor));
  while ((status = clipclap_processor_wait(processor, -1, out.planes, out.strides)) == CLIPCLAP_OK)
    write_picture(&out);
  require_ok(processor, status);
  CHECK(status == CLIPCLAP_END);
  free_picture(&in);
  free_picture(&out);
  clipclap_processor_free(processor);
  return 0;
}

static clipclap_status open_with(const clipclap_processor_options* options, char* error,
                                 size_t size) {
  clipclap_processor* processor = NULL;
  const clipclap_status status = clipclap_processor_open(options, &processor, error, size);
  CHECK(processor == NULL);
  return status;
}

static void misuse_opening(const char* model) {
  clipclap_processor_options options;
  char error[kErrorBytes] = "";
  clipclap_processor_options_init(NULL, sizeof options);
  clipclap_processor_options_init(&options, sizeof options);
  CHECK(options.struct_size == sizeof options && options.model == NULL && options.batch == 0);
  CHECK(open_with(&options, error, sizeof error) == CLIPCLAP_INVALID_ARGUMENT);
  CHECK(strstr(error, "model") != NULL);
  CHECK(open_with(NULL, NULL, 0) == CLIPCLAP_INVALID_ARGUMENT);
  options.model = "/nonexistent/model.pt";
  CHECK(open_with(&options, error, 6) == CLIPCLAP_NOT_FOUND);
  CHECK(strcmp(error, "/none") == 0);
  options.model = "/dev/null";
  CHECK(open_with(&options, error, sizeof error) < 0);
  options.model = model;
  CHECK(clipclap_processor_open(&options, NULL, error, sizeof error) == CLIPCLAP_INVALID_ARGUMENT);
  options.device = "abacus";
  CHECK(open_with(&options, error, sizeof error) == CLIPCLAP_INVALID_ARGUMENT);
  options.device = NULL;
  options.batch = -1;
  CHECK(open_with(&options, error, sizeof error) == CLIPCLAP_INVALID_ARGUMENT);
  options.batch = 0;
  options.multiple = -8;
  CHECK(open_with(&options, error, sizeof error) == CLIPCLAP_INVALID_ARGUMENT);
  options.struct_size = 0;
  CHECK(open_with(&options, error, sizeof error) == CLIPCLAP_INVALID_ARGUMENT);
}

/* Options of an earlier and of a later version. */
static void mix_versions(const char* model) {
  struct {
    clipclap_processor_options known;
    int later;
  } options;
  char error[kErrorBytes] = "";
  clipclap_processor* processor = NULL;
  clipclap_processor_options_init(&options.known, sizeof options);
  CHECK(options.later == 0);
  options.known.model = model;
  CHECK(clipclap_processor_open(&options.known, &processor, NULL, 0) == CLIPCLAP_OK);
  clipclap_processor_free(processor);
  options.later = 1;
  CHECK(open_with(&options.known, error, sizeof error) == CLIPCLAP_UNSUPPORTED);
  options.known.struct_size = offsetof(clipclap_processor_options, batch);
  options.known.batch = -1; /* is not looked at */
  CHECK(clipclap_processor_open(&options.known, &processor, NULL, 0) == CLIPCLAP_OK);
  clipclap_processor_free(processor);
}

static void misuse_null(void) {
  int size = 0;
  clipclap_processor_free(NULL);
  CHECK(clipclap_processor_channels(NULL) == 0);
  CHECK(clipclap_processor_output_channels(NULL) == 0);
  CHECK(clipclap_processor_error(NULL) != NULL);
  CHECK(clipclap_processor_output_size(NULL, 8, 8, &size, &size) == CLIPCLAP_INVALID_ARGUMENT);
  CHECK(clipclap_processor_push(NULL, NULL, NULL, 8, 8) == CLIPCLAP_INVALID_ARGUMENT);
  CHECK(clipclap_processor_poll(NULL, NULL, NULL) == CLIPCLAP_INVALID_ARGUMENT);
  CHECK(clipclap_processor_wait(NULL, 0, NULL, NULL) == CLIPCLAP_INVALID_ARGUMENT);
  CHECK(clipclap_processor_flush(NULL) == CLIPCLAP_INVALID_ARGUMENT);
}

/* `model` takes and gives 3 channels of one size. */
static void misuse_processor(const char* model) {
  enum { kSide = 16 };
  clipclap_processor* processor = open_processor(model, 4, 0);
  Picture picture = make_picture(kSide, kSide, kMostChannels, 0);
  const float* const* in = (const float* const*)picture.planes;
  const float* holed[kMostChannels] = {picture.planes[0], NULL, picture.planes[2]};
  const ptrdiff_t narrow[kMostChannels] = {4, 4, 4};
  const ptrdiff_t* strides = picture.strides;
  int size = 0;
  CHECK(strcmp(clipclap_processor_error(processor), "") == 0);
  CHECK(clipclap_processor_poll(processor, picture.planes, strides) == CLIPCLAP_END);
  CHECK(clipclap_processor_wait(processor, -1, picture.planes, strides) == CLIPCLAP_END);
  CHECK(clipclap_processor_flush(processor) == CLIPCLAP_OK);
  CHECK(clipclap_processor_push(processor, NULL, strides, kSide, kSide) < 0);
  CHECK(strstr(clipclap_processor_error(processor), "NULL") != NULL);
  CHECK(clipclap_processor_push(processor, in, NULL, kSide, kSide) < 0);
  CHECK(clipclap_processor_push(processor, holed, strides, kSide, kSide) < 0);
  CHECK(clipclap_processor_push(processor, in, narrow, kSide, kSide) < 0);
  CHECK(clipclap_processor_push(processor, in, strides, 0, kSide) < 0);
  CHECK(clipclap_processor_push(processor, in, strides, kSide, -1) < 0);
  CHECK(clipclap_processor_push(processor, in, strides, 1 << 20, 1 << 20) < 0);
  CHECK(clipclap_processor_output_size(processor, kSide, kSide, NULL, &size) < 0);
  CHECK(clipclap_processor_output_size(processor, -1, kSide, &size, &size) < 0);
  CHECK(clipclap_processor_poll(processor, picture.planes, strides) == CLIPCLAP_END);
  CHECK(strcmp(clipclap_processor_error(processor), "") == 0);
  CHECK(clipclap_processor_push(processor, in, strides, kSide, kSide) == CLIPCLAP_OK);
  CHECK(clipclap_processor_push(processor, in, strides, kSide, kSide / 2) ==
        CLIPCLAP_INVALID_ARGUMENT);
  CHECK(strstr(clipclap_processor_error(processor), "one size") != NULL);
  CHECK(clipclap_processor_poll(processor, picture.planes, strides) == CLIPCLAP_AGAIN);
  CHECK(clipclap_processor_wait(processor, NAN, picture.planes, strides) < 0);
  /* What could not be written is still there. */
  CHECK(clipclap_processor_wait(processor, -1, picture.planes, narrow) < 0);
  CHECK(clipclap_processor_wait(processor, -1, NULL, strides) < 0);
  CHECK(clipclap_processor_wait(processor, -1, picture.planes, strides) == CLIPCLAP_OK);
  CHECK(clipclap_processor_wait(processor, -1, picture.planes, strides) == CLIPCLAP_END);
  /* With pictures under way. */
  CHECK(clipclap_processor_push(processor, in, strides, kSide, kSide) == CLIPCLAP_OK);
  CHECK(clipclap_processor_flush(processor) == CLIPCLAP_OK);
  clipclap_processor_free(processor);
  free_picture(&picture);
}

int main(int count, char** arguments) {
  if (count == 7 && strcmp(arguments[1], "run") == 0) return run(arguments + 2);
  if (count != 3 || strcmp(arguments[1], "misuse") != 0) return 2;
  misuse_null();
  misuse_opening(arguments[2]);
  mix_versions(arguments[2]);
  misuse_processor(arguments[2]);
  return 0;
}
