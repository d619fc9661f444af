/* Sessions that see: batches, layouts, boxes, words, and what is refused. */
#include "pictures.h"
#include "tests.h"

/* Whatever is batched with what: order, ids, times and scores are the same. */
void test_batches(void) {
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

void test_layouts(void) {
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

void test_boxes(void) {
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

void test_words(void) {
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

void test_bad_pictures(void) {
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
