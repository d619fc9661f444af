/* Sessions that hear. */
#include "pictures.h"
#include "tests.h"

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
void test_sound(void) {
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

void test_bad_sound(void) {
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
