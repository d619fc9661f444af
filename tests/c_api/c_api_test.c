/* c_api_test TEST: one test of the C API, in C. */
#include <math.h>
#include <pthread.h>

#include "checks.h"

enum { WIDTH = 61, HEIGHT = 47, KINDS = 3 };

static const char* const kLabels[] = {"trousers", "a red square", "ankle boot"};

/* A picture of red, green and blue that differs with `seed`; the caller's to free. */
static uint8_t* make_pixels(unsigned seed) {
  uint8_t* pixels = malloc(3 * WIDTH * HEIGHT);
  CHECK(pixels != NULL);
  for (int y = 0; y < HEIGHT; ++y) {
    for (int x = 0; x < WIDTH; ++x) {
      uint8_t* pixel = pixels + 3 * (y * WIDTH + x);
      pixel[0] = (uint8_t)(x * 4 + seed * 37);
      pixel[1] = (uint8_t)(y * 5 + seed * 11);
      pixel[2] = (uint8_t)((x * y / 8) ^ (int)(seed * 101));
    }
  }
  return pixels;
}

static clipclap_picture describe(const uint8_t* pixels, uint64_t id) {
  clipclap_picture picture;
  clipclap_picture_init(&picture, sizeof picture);
  picture.width = WIDTH;
  picture.height = HEIGHT;
  picture.pixel_format = "rgb24";
  picture.planes[0] = pixels;
  picture.strides[0] = 3 * WIDTH;
  picture.start_seconds = (double)id;
  picture.end_seconds = (double)id + 1;
  picture.id = id;
  return picture;
}

static clipclap_session* open_with_labels(const clipclap_model* model,
                                          const clipclap_session_options* options) {
  clipclap_session* session = open_session(model, options);
  CHECK_OK(clipclap_session_set_labels(session, kLabels, KINDS, NULL, 0),
           clipclap_session_error(session));
  return session;
}

static clipclap_result* wait_for(clipclap_session* session) {
  clipclap_result* result = NULL;
  CHECK_OK(clipclap_session_wait(session, -1, &result), clipclap_session_error(session));
  CHECK(result != NULL);
  return result;
}

static double score_of(const clipclap_result* result, const char* label) {
  for (size_t i = 0; i < clipclap_result_label_count(result); ++i) {
    if (strcmp(clipclap_result_label(result, i), label) == 0)
      return clipclap_result_score(result, i);
  }
  CHECK(!"the label is among the result's");
  return 0;
}

static int near(double a, double b) { return fabs(a - b) < 1e-5; }

/* The scores of a picture alone. */
static void score_alone(const clipclap_model* model, const clipclap_picture* picture,
                        double scores[KINDS]) {
  clipclap_session* session = open_with_labels(model, NULL);
  CHECK_OK(clipclap_session_push_picture(session, picture, NULL), clipclap_session_error(session));
  clipclap_result* result = wait_for(session);
  for (int i = 0; i < KINDS; ++i) scores[i] = score_of(result, kLabels[i]);
  clipclap_result_free(result);
  clipclap_session_free(session);
}

static void test_names(void) {
  CHECK(clipclap_api_version() == CLIPCLAP_API_VERSION);
  CHECK(strlen(clipclap_version()) >= 5);
  CHECK(strcmp(clipclap_status_name(CLIPCLAP_NOT_FOUND), "not_found") == 0);
  CHECK(strcmp(clipclap_status_name((clipclap_status)77), "unknown") == 0);
}

static void test_null(void) {
  size_t size = 0;
  const char* text = NULL;
  clipclap_model_free(NULL);
  clipclap_session_free(NULL);
  clipclap_result_free(NULL);
  clipclap_writer_free(NULL);
  clipclap_summary_free(NULL);
  CHECK(clipclap_model_open(NULL, NULL, NULL, 0) == CLIPCLAP_INVALID_ARGUMENT);
  CHECK(clipclap_session_open(NULL, NULL, NULL, NULL, 0) == CLIPCLAP_INVALID_ARGUMENT);
  CHECK(clipclap_session_push_picture(NULL, NULL, NULL) == CLIPCLAP_INVALID_ARGUMENT);
  CHECK(clipclap_session_push_samples(NULL, NULL) == CLIPCLAP_INVALID_ARGUMENT);
  CHECK(clipclap_session_poll(NULL, NULL) == CLIPCLAP_INVALID_ARGUMENT);
  CHECK(clipclap_session_flush(NULL) == CLIPCLAP_INVALID_ARGUMENT);
  CHECK(clipclap_writer_write(NULL, NULL, &text, &size) == CLIPCLAP_INVALID_ARGUMENT);
  CHECK(clipclap_summary_write(NULL, "csv", &text, &size) == CLIPCLAP_INVALID_ARGUMENT);
  CHECK(clipclap_result_label(NULL, 0) == NULL && clipclap_result_box(NULL) == -1);
  CHECK(clipclap_model_sees(NULL) == 0 && clipclap_model_hears(NULL) == 0);
  CHECK(strlen(clipclap_session_error(NULL)) > 0);
}

static void test_model(void) {
  char error[24];
  clipclap_model_options options;
  clipclap_model* model = NULL;
  clipclap_model_options_init(&options, sizeof options);
  options.model = "/nowhere/to/be found";
  memset(error, 'x', sizeof error);
  CHECK(clipclap_model_open(&options, &model, error, sizeof error) == CLIPCLAP_NOT_FOUND);
  CHECK(model == NULL && strlen(error) == sizeof error - 1);
  options.model = NULL;
  options.precision = "fp17";
  CHECK(clipclap_model_open(&options, &model, NULL, 0) == CLIPCLAP_INVALID_ARGUMENT);
  options.precision = NULL;
  options.image_size = 224; /* not of a TorchScript file */
  CHECK(clipclap_model_open(&options, &model, NULL, 0) == CLIPCLAP_INVALID_ARGUMENT);
  options.struct_size = 0;
  CHECK(clipclap_model_open(&options, &model, NULL, 0) == CLIPCLAP_INVALID_ARGUMENT);
  model = open_model(NULL);
  CHECK(clipclap_model_sees(model) && !clipclap_model_hears(model));
  CHECK(strstr(clipclap_model_info(model), "\"image_size\":") != NULL);
  clipclap_model_free(model);
  model = open_model("embedded:demo-audio");
  CHECK(clipclap_model_hears(model) && clipclap_model_sample_rate(model) > 0);
  CHECK(clipclap_model_window_seconds(model) > 0);
  clipclap_model_free(model);
}

/* An older caller's struct ends earlier, a newer one's later. */
static void test_struct_sizes(void) {
  struct {
    clipclap_session_options options;
    double later;
  } longer;
  clipclap_model* model = open_model(NULL);
  clipclap_session* session = NULL;
  char error[256] = "";
  clipclap_session_options_init(&longer.options, sizeof longer);
  CHECK(longer.later == 0 && longer.options.struct_size == sizeof longer);
  CHECK_OK(clipclap_session_open(model, &longer.options, &session, error, sizeof error), error);
  clipclap_session_free(session);
  longer.later = 1;
  CHECK(clipclap_session_open(model, &longer.options, &session, NULL, 0) == CLIPCLAP_UNSUPPORTED);
  const size_t shorter = offsetof(clipclap_session_options, logit_scale);
  memset(&longer, 0xFF, sizeof longer);
  clipclap_session_options_init(&longer.options, shorter);
  CHECK_OK(clipclap_session_open(model, &longer.options, &session, error, sizeof error), error);
  clipclap_session_free(session);
  clipclap_model_free(model);
}

/* Whatever is batched with what: order, ids, times and scores are the same. */
static void test_batches(void) {
  enum { COUNT = 23 };
  clipclap_model* model = open_model("embedded:demo");
  double expected[COUNT][KINDS];
  uint8_t* pixels[COUNT];
  for (unsigned i = 0; i < COUNT; ++i) {
    pixels[i] = make_pixels(i);
    const clipclap_picture picture = describe(pixels[i], i);
    score_alone(model, &picture, expected[i]);
    double sum = 0;
    for (int kind = 0; kind < KINDS; ++kind) sum += expected[i][kind];
    CHECK(near(sum, 1));
  }
  CHECK(!near(expected[0][0], expected[1][0]));
  const int batches[] = {0, 1, 3, 16, 64};
  for (size_t b = 0; b < sizeof batches / sizeof *batches; ++b) {
    clipclap_session_options options;
    clipclap_session_options_init(&options, sizeof options);
    options.batch = batches[b];
    options.batches_in_flight = (int)b;
    clipclap_session* session = open_with_labels(model, &options);
    uint64_t next = 0;
    clipclap_result* result = NULL;
    CHECK(clipclap_session_poll(session, &result) == CLIPCLAP_END);
    for (unsigned i = 0; i <= COUNT; ++i) {
      if (i < COUNT) {
        const clipclap_picture picture = describe(pixels[i], i);
        size_t count = 0;
        CHECK_OK(clipclap_session_push_picture(session, &picture, &count), "");
        CHECK(count == 1);
      } else {
        CHECK_OK(clipclap_session_flush(session), "");
      }
      clipclap_status status;
      while ((status = i < COUNT ? clipclap_session_poll(session, &result)
                                 : clipclap_session_wait(session, -1, &result)) == CLIPCLAP_OK) {
        CHECK(clipclap_result_id(result) == next && clipclap_result_box(result) == -1);
        CHECK(clipclap_result_start_seconds(result) == (double)next);
        for (int kind = 0; kind < KINDS; ++kind) {
          CHECK(near(score_of(result, kLabels[kind]), expected[next][kind]));
        }
        clipclap_result_free(result);
        ++next;
      }
      CHECK(status ==
            (next == COUNT || (next == i + 1 && i < COUNT) ? CLIPCLAP_END : CLIPCLAP_AGAIN));
    }
    CHECK(next == COUNT);
    clipclap_session_free(session);
  }
  for (unsigned i = 0; i < COUNT; ++i) free(pixels[i]);
  clipclap_model_free(model);
}

static void test_layouts(void) {
  clipclap_model* model = open_model(NULL);
  uint8_t* pixels = make_pixels(5);
  clipclap_picture picture = describe(pixels, 0);
  double expected[KINDS];
  double found[KINDS];
  score_alone(model, &picture, expected);

  /* Upside down, its rows in reverse order: the same picture. */
  uint8_t* flipped = malloc(3 * WIDTH * HEIGHT);
  for (int y = 0; y < HEIGHT; ++y) {
    memcpy(flipped + 3 * WIDTH * y, pixels + 3 * WIDTH * (HEIGHT - 1 - y), 3 * WIDTH);
  }
  picture.planes[0] = flipped + 3 * WIDTH * (HEIGHT - 1);
  picture.strides[0] = -3 * WIDTH;
  score_alone(model, &picture, found);
  for (int kind = 0; kind < KINDS; ++kind) CHECK(near(found[kind], expected[kind]));

  /* The same in planes, with rows further apart. */
  enum { STRIDE = WIDTH + 19 };
  uint8_t* planes = calloc(3 * HEIGHT, STRIDE);
  for (int i = 0; i < 3 * WIDTH * HEIGHT; ++i) {
    static const int kOrder[] = {2, 0, 1}; /* green, blue, red */
    planes[(kOrder[i % 3] * HEIGHT + i / 3 / WIDTH) * STRIDE + i / 3 % WIDTH] = pixels[i];
  }
  picture.pixel_format = "gbrp";
  for (int i = 0; i < 3; ++i) {
    picture.planes[i] = planes + i * HEIGHT * STRIDE;
    picture.strides[i] = STRIDE;
  }
  score_alone(model, &picture, found);
  for (int kind = 0; kind < KINDS; ++kind) CHECK(near(found[kind], expected[kind]));
  free(planes);
  free(flipped);
  free(pixels);
  clipclap_model_free(model);
}

static void test_boxes(void) {
  clipclap_model* model = open_model(NULL);
  uint8_t* pixels = make_pixels(7);
  clipclap_picture picture = describe(pixels, 3);
  double whole[KINDS];
  score_alone(model, &picture, whole);
  const clipclap_box boxes[] = {{0, 0, 0, 9},     {-5, -5, WIDTH + 50, HEIGHT + 50},
                                {WIDTH, 0, 5, 5}, {10, 8, 20, 30},
                                {-20, 5, 20, 20}, {2000000000, 0, 2000000000, 5},
                                {8, 8, -4, 4},    {WIDTH - 1, HEIGHT - 1, 100, 100}};
  picture.boxes = boxes;
  picture.box_count = sizeof boxes / sizeof *boxes;
  clipclap_session* session = open_with_labels(model, NULL);
  size_t count = 0;
  CHECK_OK(clipclap_session_push_picture(session, &picture, &count), "");
  CHECK(count == 3);
  const ptrdiff_t inside[] = {1, 3, 7};
  for (size_t i = 0; i < count; ++i) {
    clipclap_result* result = wait_for(session);
    CHECK(clipclap_result_box(result) == inside[i] && clipclap_result_id(result) == 3);
    for (int kind = 0; kind < KINDS && i == 0; ++kind) {
      CHECK(near(score_of(result, kLabels[kind]), whole[kind]));
    }
    if (i == 1) {
      /* The region as a picture of its own. */
      clipclap_picture part = describe(pixels + 3 * (8 * WIDTH + 10), 0);
      double expected[KINDS];
      part.width = 20;
      part.height = 30;
      score_alone(model, &part, expected);
      for (int kind = 0; kind < KINDS; ++kind) {
        CHECK(near(score_of(result, kLabels[kind]), expected[kind]));
      }
    }
    clipclap_result_free(result);
  }
  picture.box_count = 1; /* the first has no area */
  CHECK_OK(clipclap_session_push_picture(session, &picture, &count), "");
  clipclap_result* none = NULL;
  CHECK(count == 0 && clipclap_session_wait(session, -1, &none) == CLIPCLAP_END && none == NULL);
  clipclap_session_free(session);
  free(pixels);
  clipclap_model_free(model);
}

static void test_words(void) {
  clipclap_model* model = open_model(NULL);
  clipclap_session* session = open_session(model, NULL);
  uint8_t* pixels = make_pixels(1);
  const clipclap_picture picture = describe(pixels, 0);
  const char* const twice[] = {"a", "a"};
  const char* const no_place[] = {"a photo"};
  CHECK(clipclap_session_push_picture(session, &picture, NULL) == CLIPCLAP_INVALID_ARGUMENT);
  CHECK(strstr(clipclap_session_error(session), "words") != NULL);
  CHECK(clipclap_session_set_labels(session, twice, 2, NULL, 0) == CLIPCLAP_INVALID_ARGUMENT);
  CHECK(clipclap_session_set_labels(session, NULL, 0, NULL, 0) == CLIPCLAP_INVALID_ARGUMENT);
  CHECK(clipclap_session_set_labels(session, kLabels, 2, no_place, 1) == CLIPCLAP_INVALID_ARGUMENT);
  CHECK(clipclap_session_parse_labels(session, "@/nowhere", NULL, 0) == CLIPCLAP_NOT_FOUND);
  CHECK(clipclap_session_set_categories(session, "/nowhere", 0) == CLIPCLAP_NOT_FOUND);
  CHECK(clipclap_session_set_threshold(session, 1.5) == CLIPCLAP_INVALID_ARGUMENT);
  CHECK(strlen(clipclap_session_error(session)) > 0);
  /* What was pushed under words keeps them. */
  CHECK_OK(clipclap_session_parse_labels(session, "cat,dog", NULL, 0), "");
  CHECK(strlen(clipclap_session_error(session)) == 0);
  CHECK_OK(clipclap_session_push_picture(session, &picture, NULL), "");
  CHECK_OK(clipclap_session_set_labels(session, kLabels, KINDS, NULL, 0), "");
  CHECK_OK(clipclap_session_push_picture(session, &picture, NULL), "");
  CHECK_OK(clipclap_session_set_threshold(session, 1), "");
  CHECK_OK(clipclap_session_push_picture(session, &picture, NULL), "");
  clipclap_result* result = wait_for(session);
  CHECK(clipclap_result_label_count(result) == 2 && score_of(result, "cat") > 0);
  clipclap_result_free(result);
  result = wait_for(session);
  CHECK(clipclap_result_label_count(result) == KINDS);
  CHECK(clipclap_result_score(result, 0) >= clipclap_result_score(result, 1));
  CHECK(strcmp(clipclap_result_unit(result, 0), "") == 0);
  CHECK(clipclap_result_label(result, KINDS) == NULL);
  clipclap_result_free(result);
  result = wait_for(session);
  CHECK(clipclap_result_label_count(result) == 0);
  clipclap_result_free(result);
  clipclap_session_free(session);
  free(pixels);
  clipclap_model_free(model);
}

static void expect_refused(clipclap_session* session, const clipclap_picture* picture,
                           clipclap_status status, const char* word) {
  size_t count = 99;
  CHECK(clipclap_session_push_picture(session, picture, &count) == status);
  CHECK(count == 99);
  if (strstr(clipclap_session_error(session), word) == NULL) {
    fprintf(stderr, "\"%s\" does not say %s\n", clipclap_session_error(session), word);
    exit(1);
  }
}

static void test_bad_pictures(void) {
  clipclap_model* model = open_model(NULL);
  clipclap_session* session = open_with_labels(model, NULL);
  uint8_t* pixels = make_pixels(1);
  const clipclap_picture good = describe(pixels, 0);
  clipclap_picture bad = good;
  bad.pixel_format = "rgb25";
  expect_refused(session, &bad, CLIPCLAP_INVALID_ARGUMENT, "rgb25");
  bad.pixel_format = NULL;
  expect_refused(session, &bad, CLIPCLAP_INVALID_ARGUMENT, "pixel format");
  bad.pixel_format = "vaapi";
  expect_refused(session, &bad, CLIPCLAP_UNSUPPORTED, "hwdownload");
  bad = good;
  bad.planes[0] = NULL;
  expect_refused(session, &bad, CLIPCLAP_INVALID_ARGUMENT, "plane 0");
  bad = good;
  bad.strides[0] = 3 * WIDTH - 1;
  expect_refused(session, &bad, CLIPCLAP_INVALID_ARGUMENT, "rows of plane 0");
  bad = good;
  bad.width = 0;
  expect_refused(session, &bad, CLIPCLAP_INVALID_ARGUMENT, "0 x 47");
  bad.width = bad.height = 1 << 30;
  expect_refused(session, &bad, CLIPCLAP_INVALID_ARGUMENT, "pixels");
  bad = good;
  bad.color_matrix = "bt70";
  expect_refused(session, &bad, CLIPCLAP_INVALID_ARGUMENT, "bt70");
  bad = good;
  bad.start_seconds = NAN;
  expect_refused(session, &bad, CLIPCLAP_INVALID_ARGUMENT, "shown");
  bad = good;
  bad.pixel_aspect = -1;
  expect_refused(session, &bad, CLIPCLAP_INVALID_ARGUMENT, "aspect");
  bad = good;
  bad.box_count = 2;
  expect_refused(session, &bad, CLIPCLAP_INVALID_ARGUMENT, "boxes");
  clipclap_samples samples;
  clipclap_samples_init(&samples, sizeof samples);
  CHECK(clipclap_session_push_samples(session, &samples) == CLIPCLAP_INVALID_ARGUMENT);
  CHECK_OK(clipclap_session_push_picture(session, &good, NULL), "");
  clipclap_result_free(wait_for(session));
  clipclap_session_free(session);
  free(pixels);
  clipclap_model_free(model);
}

static clipclap_samples describe_sound(const uint8_t* const* planes, size_t count) {
  clipclap_samples samples;
  clipclap_samples_init(&samples, sizeof samples);
  samples.sample_format = "flt";
  samples.channel_count = 2;
  samples.sample_rate = 44100;
  samples.planes = planes;
  samples.count = count;
  return samples;
}

/* Sound comes in parts of any length, and its windows are the same. */
static void test_sound(void) {
  enum { COUNT = 44100 * 13 };
  clipclap_model* model = open_model("embedded:demo-audio");
  const char* const labels[] = {"flute", "speech", "noise"};
  float* sound = malloc(sizeof *sound * 2 * COUNT);
  for (int i = 0; i < COUNT; ++i) {
    sound[2 * i] = 0.3F * sinf(0.05F * (float)i) + 0.1F * sinf(0.3F * (float)i);
    sound[2 * i + 1] = 0.2F * sinf(0.07F * (float)i);
  }
  const size_t parts[] = {COUNT, 44100, 1024, 7777};
  double first[16] = {0};
  for (size_t p = 0; p < sizeof parts / sizeof *parts; ++p) {
    clipclap_session* session = open_session(model, NULL);
    CHECK_OK(clipclap_session_set_labels(session, labels, 3, NULL, 0), "");
    for (size_t at = 0; at < COUNT; at += parts[p]) {
      const uint8_t* planes[] = {(const uint8_t*)(sound + 2 * at)};
      const size_t left = COUNT - at;
      clipclap_samples samples = describe_sound(planes, left < parts[p] ? left : parts[p]);
      if (at == 0) samples.start_seconds = 100;
      CHECK_OK(clipclap_session_push_samples(session, &samples), clipclap_session_error(session));
    }
    CHECK_OK(clipclap_session_flush(session), "");
    clipclap_result* result = NULL;
    size_t count = 0;
    clipclap_status status;
    while ((status = clipclap_session_wait(session, -1, &result)) == CLIPCLAP_OK) {
      CHECK(count < 16 && clipclap_result_start_seconds(result) >= 100);
      const double score = score_of(result, "flute");
      if (p == 0) first[count] = score;
      CHECK(near(score, first[count]));
      ++count;
      clipclap_result_free(result);
    }
    CHECK(status == CLIPCLAP_END && count >= 2);
    clipclap_session_free(session);
  }
  free(sound);
  clipclap_model_free(model);
}

static void test_bad_sound(void) {
  clipclap_model* model = open_model("embedded:demo-audio");
  clipclap_session* session = open_session(model, NULL);
  CHECK_OK(clipclap_session_parse_labels(session, "flute,speech", NULL, 0), "");
  const float sound[64] = {0};
  const uint8_t* planes[] = {(const uint8_t*)sound};
  clipclap_samples bad = describe_sound(planes, 32);
  bad.sample_format = "f31";
  CHECK(clipclap_session_push_samples(session, &bad) == CLIPCLAP_INVALID_ARGUMENT);
  bad = describe_sound(planes, 32);
  bad.channel_layout = "3.14";
  CHECK(clipclap_session_push_samples(session, &bad) == CLIPCLAP_INVALID_ARGUMENT);
  bad.channel_layout = "mono"; /* of two channels */
  CHECK(clipclap_session_push_samples(session, &bad) == CLIPCLAP_INVALID_ARGUMENT);
  bad = describe_sound(planes, 32);
  bad.sample_rate = 0;
  CHECK(clipclap_session_push_samples(session, &bad) == CLIPCLAP_INVALID_ARGUMENT);
  bad = describe_sound(NULL, 32);
  CHECK(clipclap_session_push_samples(session, &bad) == CLIPCLAP_INVALID_ARGUMENT);
  bad = describe_sound(planes, 32);
  bad.channel_count = 0;
  CHECK(clipclap_session_push_samples(session, &bad) == CLIPCLAP_INVALID_ARGUMENT);
  bad = describe_sound(planes, 32);
  bad.start_seconds = INFINITY;
  CHECK(clipclap_session_push_samples(session, &bad) == CLIPCLAP_INVALID_ARGUMENT);
  CHECK(strlen(clipclap_session_error(session)) > 0);
  /* The layout alone tells how many planes there are. */
  const uint8_t* channels[] = {planes[0], planes[0], planes[0], planes[0], planes[0], planes[0]};
  clipclap_samples good = describe_sound(channels, 32);
  good.sample_format = "fltp";
  good.channel_layout = "5.1";
  good.channel_count = 0;
  CHECK_OK(clipclap_session_push_samples(session, &good), clipclap_session_error(session));
  clipclap_session_free(session);
  clipclap_model_free(model);
}

static void test_text(void) {
  clipclap_model* model = open_model(NULL);
  clipclap_session* session = open_with_labels(model, NULL);
  uint8_t* pixels = make_pixels(9);
  clipclap_writer* writer = NULL;
  clipclap_summary* summary = NULL;
  char error[256] = "";
  const char* text = NULL;
  size_t size = 0;
  CHECK(clipclap_writer_open("doc", "a", "v:0", &writer, error, sizeof error) ==
        CLIPCLAP_INVALID_ARGUMENT);
  CHECK(strstr(error, "jsonl") != NULL && writer == NULL);
  CHECK(clipclap_summary_open(2, &summary, error, sizeof error) == CLIPCLAP_INVALID_ARGUMENT);
  CHECK_OK(clipclap_writer_open("jsonl", "a \"b\"", "v:0", &writer, error, sizeof error), error);
  CHECK_OK(clipclap_summary_open(0.5, &summary, error, sizeof error), error);
  for (unsigned i = 0; i < 3; ++i) {
    const clipclap_picture picture = describe(pixels, i);
    CHECK_OK(clipclap_session_push_picture(session, &picture, NULL), "");
    clipclap_result* result = wait_for(session);
    CHECK_OK(clipclap_writer_write(writer, result, &text, &size), clipclap_writer_error(writer));
    CHECK(size == strlen(text) && text[size - 1] == '\n');
    CHECK(strstr(text, "\"file\":\"a \\\"b\\\"\"") != NULL);
    CHECK_OK(clipclap_summary_add(summary, "a", "v:0", result), "");
    clipclap_result_free(result);
  }
  CHECK(clipclap_summary_write(summary, "xml", &text, &size) == CLIPCLAP_INVALID_ARGUMENT);
  CHECK(strstr(clipclap_summary_error(summary), "xml") != NULL);
  CHECK_OK(clipclap_summary_write(summary, "csv", &text, &size), "");
  size_t lines = 0;
  for (size_t i = 0; i < size; ++i) lines += text[i] == '\n';
  CHECK(lines == 1 + KINDS);
  CHECK_OK(clipclap_summary_clear(summary), "");
  CHECK_OK(clipclap_summary_write(summary, "json", &text, &size), "");
  CHECK(strchr(text, '{') == NULL);
  CHECK_OK(clipclap_writer_finish(writer, &text, &size), "");
  clipclap_summary_free(summary);
  clipclap_writer_free(writer);
  clipclap_session_free(session);
  free(pixels);
  clipclap_model_free(model);
}

enum { PUSHED = 200 };

static void* push_all(void* argument) {
  clipclap_session* session = argument;
  uint8_t* pixels = make_pixels(2);
  for (unsigned i = 0; i < PUSHED; ++i) {
    const clipclap_picture picture = describe(pixels, i);
    CHECK_OK(clipclap_session_push_picture(session, &picture, NULL),
             clipclap_session_error(session));
    /* Errors of other threads are not this one's. */
    if (i % 50 == 7) CHECK(clipclap_session_push_picture(session, NULL, NULL) < 0);
  }
  CHECK_OK(clipclap_session_flush(session), "");
  free(pixels);
  return NULL;
}

/* One thread pushes, this one waits, and another session of the model works beside them. */
static void test_threads(void) {
  clipclap_model* model = open_model(NULL);
  clipclap_session* sessions[2];
  pthread_t threads[2];
  for (int i = 0; i < 2; ++i) {
    sessions[i] = open_with_labels(model, NULL);
    CHECK(pthread_create(&threads[i], NULL, push_all, sessions[i]) == 0);
  }
  clipclap_model_free(model);
  for (int i = 0; i < 2; ++i) {
    uint64_t next = 0;
    while (next < PUSHED) {
      clipclap_result* result = NULL;
      const clipclap_status status = clipclap_session_wait(sessions[i], 0.05, &result);
      CHECK(status >= 0 && strlen(clipclap_session_error(sessions[i])) == 0);
      if (status != CLIPCLAP_OK) continue;
      CHECK(clipclap_result_id(result) == next++);
      clipclap_result_free(result);
    }
    CHECK(pthread_join(threads[i], NULL) == 0);
    clipclap_session_free(sessions[i]);
  }
}

/* What is under way is dropped. */
static void test_early_end(void) {
  clipclap_model* model = open_model(NULL);
  for (unsigned count = 1; count < 40; count += 13) {
    clipclap_session* session = open_with_labels(model, NULL);
    uint8_t* pixels = make_pixels(count);
    for (unsigned i = 0; i < count; ++i) {
      const clipclap_picture picture = describe(pixels, i);
      CHECK_OK(clipclap_session_push_picture(session, &picture, NULL), "");
    }
    free(pixels);
    clipclap_session_free(session);
  }
  clipclap_model_free(model);
}

static const struct {
  const char* name;
  void (*run)(void);
} kTests[] = {
    {"names", test_names},
    {"null", test_null},
    {"model", test_model},
    {"struct_sizes", test_struct_sizes},
    {"batches", test_batches},
    {"layouts", test_layouts},
    {"boxes", test_boxes},
    {"words", test_words},
    {"bad_pictures", test_bad_pictures},
    {"sound", test_sound},
    {"bad_sound", test_bad_sound},
    {"text", test_text},
    {"threads", test_threads},
    {"early_end", test_early_end},
};

int main(int argc, char** argv) {
  int done = 0;
  for (size_t i = 0; i < sizeof kTests / sizeof *kTests; ++i) {
    if (argc > 1 && strcmp(argv[1], kTests[i].name) != 0) continue;
    kTests[i].run();
    ++done;
  }
  if (done == 0) fprintf(stderr, "there is no test %s\n", argv[1]);
  return done > 0 ? 0 : 1;
}
