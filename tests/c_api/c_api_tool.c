/* c_api_tool pictures|sound FILE NAME=VALUE…: pushes raw media through the C API and prints what
 * becomes of them as lines of JSON. tests/reference/test_c_api.py says it what lies in the file.
 *
 * Of both: labels=a,b or categories=FILE sums=1, model=, name= and stream= of the records.
 * Of pictures: width=, height=, format=, rate= a second; matrix=, range=, chroma= as FFmpeg names
 * them; flip=1 lays rows out from below, padding= bytes behind each; portion= pictures are pushed
 * between two looks at the results.
 * Of sound: format=, layout= or channels=, rate=; start= in seconds; portion= samples at once. */
#include <math.h>

#include "checks.h"

enum { MAX_CHANNELS = 16 };

typedef struct options {
  int count;
  char** texts;
} options;

/* The value behind "NAME="; `missing` where there is none. */
static const char* text_of(const options* given, const char* name, const char* missing) {
  const size_t length = strlen(name);
  for (int i = 0; i < given->count; ++i) {
    const char* text = given->texts[i];
    if (strncmp(text, name, length) == 0 && text[length] == '=') return text + length + 1;
  }
  return missing;
}

static double number_of(const options* given, const char* name, double missing) {
  const char* text = text_of(given, name, NULL);
  return text == NULL ? missing : strtod(text, NULL);
}

static size_t count_of(const options* given, const char* name, size_t missing) {
  return (size_t)number_of(given, name, (double)missing);
}

static void* allocate(size_t size) {
  void* memory = malloc(size);
  CHECK(memory != NULL);
  return memory;
}

/* ---- Results ---- */

typedef struct printer {
  clipclap_session* session;
  clipclap_writer* writer;
} printer;

static void print(const printer* to, clipclap_result* result) {
  const char* text = NULL;
  size_t size = 0;
  CHECK_OK(clipclap_writer_write(to->writer, result, &text, &size),
           clipclap_writer_error(to->writer));
  fwrite(text, 1, size, stdout);
  clipclap_result_free(result);
}

/* What is there already. */
static void print_ready(const printer* to) {
  clipclap_result* result = NULL;
  clipclap_status status;
  while ((status = clipclap_session_poll(to->session, &result)) == CLIPCLAP_OK) print(to, result);
  if (status < 0) CHECK_OK(status, clipclap_session_error(to->session));
}

static void print_rest(const printer* to) {
  clipclap_result* result = NULL;
  clipclap_status status;
  const char* text = NULL;
  size_t size = 0;
  CHECK_OK(clipclap_session_flush(to->session), clipclap_session_error(to->session));
  while ((status = clipclap_session_wait(to->session, -1, &result)) == CLIPCLAP_OK) {
    print(to, result);
  }
  if (status != CLIPCLAP_END) CHECK_OK(status, clipclap_session_error(to->session));
  CHECK_OK(clipclap_writer_finish(to->writer, &text, &size), clipclap_writer_error(to->writer));
  fwrite(text, 1, size, stdout);
}

/* ---- Pictures ---- */

/* How FFmpeg lays a format out in raw video: planes behind each other, nothing between rows. */
typedef struct pixel_layout {
  const char* name;
  int planes;
  int step[3];   /* bytes from pixel to pixel */
  int shrink[3]; /* 1: half as wide, 2: and half as high */
} pixel_layout;

static const pixel_layout kLayouts[] = {
    {"gray", 1, {1, 0, 0}, {0, 0, 0}},        {"rgb24", 1, {3, 0, 0}, {0, 0, 0}},
    {"yuv420p", 3, {1, 1, 1}, {0, 2, 2}},     {"yuvj420p", 3, {1, 1, 1}, {0, 2, 2}},
    {"yuv422p", 3, {1, 1, 1}, {0, 1, 1}},     {"nv12", 2, {1, 2, 0}, {0, 2, 0}},
    {"yuv444p10le", 3, {2, 2, 2}, {0, 0, 0}},
};

typedef struct raw_plane {
  size_t row; /* bytes that it has */
  size_t rows;
  size_t stride;
  uint8_t* memory;
} raw_plane;

static int describe_planes(const char* format, size_t width, size_t height, size_t padding,
                           raw_plane planes[3]) {
  for (size_t i = 0; i < sizeof kLayouts / sizeof *kLayouts; ++i) {
    const pixel_layout* layout = &kLayouts[i];
    if (strcmp(layout->name, format) != 0) continue;
    for (int p = 0; p < layout->planes; ++p) {
      raw_plane* plane = &planes[p];
      plane->row = (layout->shrink[p] > 0 ? (width + 1) / 2 : width) * (size_t)layout->step[p];
      plane->rows = layout->shrink[p] > 1 ? (height + 1) / 2 : height;
      plane->stride = plane->row + padding;
      plane->memory = allocate(plane->stride * plane->rows);
      memset(plane->memory, 0xa5, plane->stride * plane->rows);
    }
    return layout->planes;
  }
  CHECK(!"the format is in kLayouts");
  return 0;
}

/* 0 where the file is at its end. */
static int read_plane(FILE* file, const raw_plane* plane, int flip) {
  for (size_t y = 0; y < plane->rows; ++y) {
    uint8_t* row = plane->memory + (flip ? plane->rows - 1 - y : y) * plane->stride;
    if (fread(row, 1, plane->row, file) != plane->row) return 0;
  }
  return 1;
}

static clipclap_picture describe(const options* given, const raw_plane* planes, int count,
                                 int flip) {
  clipclap_picture picture;
  clipclap_picture_init(&picture, sizeof picture);
  picture.width = (int)count_of(given, "width", 0);
  picture.height = (int)count_of(given, "height", 0);
  picture.pixel_format = text_of(given, "format", NULL);
  picture.color_matrix = text_of(given, "matrix", NULL);
  picture.color_range = text_of(given, "range", NULL);
  picture.chroma_location = text_of(given, "chroma", NULL);
  for (int p = 0; p < count; ++p) {
    const ptrdiff_t stride = (ptrdiff_t)planes[p].stride;
    picture.planes[p] = planes[p].memory + (flip ? (planes[p].rows - 1) * planes[p].stride : 0);
    picture.strides[p] = flip ? -stride : stride;
  }
  return picture;
}

static void push_pictures(FILE* file, const options* given, const printer* to) {
  const int flip = count_of(given, "flip", 0) != 0;
  const double rate = number_of(given, "rate", 1);
  const size_t portion = count_of(given, "portion", 1);
  raw_plane planes[3];
  const int count =
      describe_planes(text_of(given, "format", ""), count_of(given, "width", 0),
                      count_of(given, "height", 0), count_of(given, "padding", 0), planes);
  clipclap_picture picture = describe(given, planes, count, flip);
  for (uint64_t n = 0;; ++n) {
    int whole = 1;
    for (int p = 0; p < count; ++p) whole = whole && read_plane(file, &planes[p], flip);
    if (!whole) break;
    picture.id = n;
    picture.start_seconds = (double)n / rate;
    picture.end_seconds = (double)(n + 1) / rate;
    size_t results = 0;
    CHECK_OK(clipclap_session_push_picture(to->session, &picture, &results),
             clipclap_session_error(to->session));
    CHECK(results == 1);
    if ((n + 1) % portion == 0) print_ready(to);
  }
  for (int p = 0; p < count; ++p) free(planes[p].memory);
}

/* ---- Sound ---- */

static size_t sample_size(const char* format) {
  if (strncmp(format, "u8", 2) == 0) return 1;
  if (strncmp(format, "s16", 3) == 0) return 2;
  return strncmp(format, "dbl", 3) == 0 ? 8 : 4;
}

/* FFmpeg's raw sound has the channels of a moment together; planar formats want them apart. */
static void take_apart(const uint8_t* together, uint8_t* apart, size_t count, size_t channels,
                       size_t size) {
  for (size_t i = 0; i < count; ++i) {
    for (size_t c = 0; c < channels; ++c) {
      memcpy(apart + (c * count + i) * size, together + (i * channels + c) * size, size);
    }
  }
}

static void push_sound(FILE* file, const options* given, const printer* to) {
  const char* format = text_of(given, "format", "");
  const int is_planar = format[0] != '\0' && format[strlen(format) - 1] == 'p';
  const size_t channels = count_of(given, "channels", 0);
  const size_t portion = count_of(given, "portion", 1024);
  const size_t size = sample_size(format);
  uint8_t* together = allocate(portion * channels * size);
  uint8_t* apart = allocate(portion * channels * size);
  const uint8_t* planes[MAX_CHANNELS];
  CHECK(channels > 0 && channels <= MAX_CHANNELS);
  clipclap_samples samples;
  clipclap_samples_init(&samples, sizeof samples);
  samples.sample_format = format;
  samples.channel_layout = text_of(given, "layout", NULL);
  samples.channel_count = (int)channels;
  samples.sample_rate = (int)count_of(given, "rate", 0);
  samples.planes = planes;
  samples.start_seconds = number_of(given, "start", 0);
  while ((samples.count = fread(together, channels * size, portion, file)) > 0) {
    planes[0] = together;
    if (is_planar) take_apart(together, apart, samples.count, channels, size);
    for (size_t c = 0; is_planar && c < channels; ++c) planes[c] = apart + c * samples.count * size;
    CHECK_OK(clipclap_session_push_samples(to->session, &samples),
             clipclap_session_error(to->session));
    samples.start_seconds = NAN;
    print_ready(to);
  }
  free(together);
  free(apart);
}

int main(int argc, char** argv) {
  CHECK(argc > 2);
  const options given = {argc - 3, argv + 3};
  const int is_sound = strcmp(argv[1], "sound") == 0;
  clipclap_model* model =
      open_model(text_of(&given, "model", is_sound ? "embedded:demo-audio" : "embedded:demo"));
  printer to = {open_session(model, NULL), NULL};
  clipclap_model_free(model);
  const char* categories = text_of(&given, "categories", NULL);
  CHECK_OK(categories != NULL
               ? clipclap_session_set_categories(to.session, categories,
                                                 (int)count_of(&given, "sums", 0))
               : clipclap_session_parse_labels(to.session, text_of(&given, "labels", ""), NULL, 0),
           clipclap_session_error(to.session));
  char error[256] = "";
  CHECK_OK(clipclap_writer_open("jsonl", text_of(&given, "name", argv[2]),
                                text_of(&given, "stream", is_sound ? "a:0" : "v:0"), &to.writer,
                                error, sizeof error),
           error);
  FILE* file = fopen(argv[2], "rb");
  CHECK(file != NULL);
  if (is_sound) {
    push_sound(file, &given, &to);
  } else {
    push_pictures(file, &given, &to);
  }
  fclose(file);
  print_rest(&to);
  clipclap_writer_free(to.writer);
  clipclap_session_free(to.session);
  return 0;
}
