/* c_api_test TEST: one test of the C API, in C. */
#include <pthread.h>

#include "pictures.h"
#include "tests.h"

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
