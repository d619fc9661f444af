/* What the programs of this folder share. */
#ifndef CLIPCLAP_TESTS_CHECKS_H
#define CLIPCLAP_TESTS_CHECKS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <clipclap/clipclap.h>

#define CHECK(condition)                                                             \
  do {                                                                               \
    if (!(condition)) {                                                              \
      fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
      exit(1);                                                                       \
    }                                                                                \
  } while (0)

#define CHECK_OK(call, error)                                                \
  do {                                                                       \
    const clipclap_status status_ = (call);                                  \
    if (status_ != CLIPCLAP_OK) {                                            \
      fprintf(stderr, "%s:%d: %s gives %s: %s\n", __FILE__, __LINE__, #call, \
              clipclap_status_name(status_), (error));                       \
      exit(1);                                                               \
    }                                                                        \
  } while (0)

static inline clipclap_model* open_model(const char* name) {
  char error[512] = "";
  clipclap_model* model = NULL;
  clipclap_model_options options;
  clipclap_model_options_init(&options, sizeof options);
  options.model = name;
  CHECK_OK(clipclap_model_open(&options, &model, error, sizeof error), error);
  return model;
}

static inline clipclap_session* open_session(const clipclap_model* model,
                                             const clipclap_session_options* options) {
  char error[512] = "";
  clipclap_session* session = NULL;
  CHECK_OK(clipclap_session_open(model, options, &session, error, sizeof error), error);
  return session;
}

#endif
