/* Pictures, and sessions that judge them. */
#ifndef CLIPCLAP_TESTS_C_API_PICTURES_H
#define CLIPCLAP_TESTS_C_API_PICTURES_H

#include <math.h>

#include "checks.h"

enum { WIDTH = 61, HEIGHT = 47, KINDS = 3 };

static const char* const kLabels[] = {"trousers", "a red square", "ankle boot"};

/* A picture of red, green and blue that differs with `seed`; the caller's to free. */
static inline uint8_t* make_pixels(unsigned seed) {
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

static inline clipclap_picture describe(const uint8_t* pixels, uint64_t id) {
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

static inline clipclap_session* open_with_labels(const clipclap_model* model,
                                                 const clipclap_session_options* options) {
  clipclap_session* session = open_session(model, options);
  CHECK_OK(clipclap_session_set_labels(session, kLabels, KINDS, NULL, 0),
           clipclap_session_error(session));
  return session;
}

static inline clipclap_result* wait_for(clipclap_session* session) {
  clipclap_result* result = NULL;
  CHECK_OK(clipclap_session_wait(session, -1, &result), clipclap_session_error(session));
  CHECK(result != NULL);
  return result;
}

static inline double score_of(const clipclap_result* result, const char* label) {
  for (size_t i = 0; i < clipclap_result_label_count(result); ++i) {
    if (strcmp(clipclap_result_label(result, i), label) == 0)
      return clipclap_result_score(result, i);
  }
  CHECK(!"the label is among the result's");
  return 0;
}

static inline int near(double a, double b) { return fabs(a - b) < 1e-5; }

/* The scores of a picture alone. */
static inline void score_alone(const clipclap_model* model, const clipclap_picture* picture,
                               double scores[KINDS]) {
  clipclap_session* session = open_with_labels(model, NULL);
  CHECK_OK(clipclap_session_push_picture(session, picture, NULL), clipclap_session_error(session));
  clipclap_result* result = wait_for(session);
  for (int i = 0; i < KINDS; ++i) scores[i] = score_of(result, kLabels[i]);
  clipclap_result_free(result);
  clipclap_session_free(session);
}

#endif
