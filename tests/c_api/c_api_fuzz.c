/* c_api_fuzz SECONDS [SEED]: random calls of the C API, right and wrong ones, from this seed on,
 * else from the clock. Whatever is called in whatever order, it returns, with a status; sanitizers
 * watch the memory. Prints each seed, with which the same calls come again. */
#include <math.h>
#include <time.h>

#include "checks.h"

static uint64_t state;

/* xorshift64* (Vigna 2016). */
static unsigned below(unsigned end) {
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return (unsigned)((state * 2685821657736338717ULL) >> 33) % end;
}

static int one_in(unsigned count) { return below(count) == 0; }

static const char* one_of(const char* const* texts, unsigned count) {
  return one_in(40) ? NULL : texts[below(count)];
}
#define ONE_OF(texts) one_of(texts, sizeof(texts) / sizeof *(texts))

static int odd_int(int usual) {
  static const int kOdd[] = {0, 1, -1, 7, 2147483647, -2147483647 - 1};
  return one_in(20) ? kOdd[below(6)] : usual;
}

static double odd_double(double usual) {
  const double kOdd[] = {0, -1, 1, 1e300, -1e300, NAN, INFINITY, -INFINITY};
  return one_in(20) ? kOdd[below(8)] : usual;
}

/* What the calls are about. Any may be NULL. */
enum { SLOTS = 3 };
static const clipclap_model* models[2]; /* one sees, one hears */
static clipclap_session* sessions[SLOTS];
static clipclap_result* results[SLOTS];
static clipclap_writer* writers[SLOTS];
static clipclap_summary* summaries[SLOTS];

static void check_status(clipclap_status status) {
  CHECK(strcmp(clipclap_status_name(status), "unknown") != 0);
  if (status == CLIPCLAP_INTERNAL) {
    for (unsigned slot = 0; slot < SLOTS; ++slot) {
      fprintf(stderr, "%s\n", clipclap_session_error(sessions[slot]));
    }
  }
  CHECK(status != CLIPCLAP_INTERNAL);
}

static void open_or_close_session(unsigned slot) {
  clipclap_session_free(sessions[slot]);
  sessions[slot] = NULL;
  if (one_in(6)) return;
  clipclap_session_options options;
  clipclap_session_options_init(&options, sizeof options);
  options.batch = odd_int((int)below(5));
  if (options.batch > 64) options.batch = 3; /* larger ones are a matter of memory */
  options.batches_in_flight = odd_int((int)below(3));
  options.temperature = odd_double(1);
  options.threshold = odd_double(0.1);
  options.top = odd_int((int)below(4));
  options.window_seconds = odd_double(1 + below(3));
  options.hop_seconds = odd_double(1);
  if (one_in(30)) options.struct_size = below(sizeof options);
  check_status(clipclap_session_open(models[below(2)], one_in(9) ? NULL : &options, &sessions[slot],
                                     NULL, 0));
}

static void set_words(clipclap_session* session) {
  static const char* const kTexts[] = {"cat,dog", "a",         "",     "a,a",
                                       ",",       "@/nowhere", "\xFF", "x\\,y,z"};
  static const char* const kTemplates[] = {"{}", "a photo of {}", "{} {}", "none", "\xC3"};
  const char* templates[] = {ONE_OF(kTemplates), ONE_OF(kTemplates)};
  switch (below(4)) {
    case 0:
      check_status(clipclap_session_set_threshold(session, odd_double(0.2)));
      break;
    case 1:
      check_status(clipclap_session_set_categories(session, ONE_OF(kTexts), odd_int(0)));
      break;
    default:
      check_status(clipclap_session_parse_labels(session,
                                                 one_in(2) ? "boot,shirt,bag" : ONE_OF(kTexts),
                                                 templates, one_in(2) ? 0 : below(3)));
  }
}

/* Memory of just the size that is told, so that reading past it is found. */
static void push_picture(clipclap_session* session) {
  static const struct {
    const char* name;
    int planes;
    int shift_x, shift_y; /* of the planes behind the first */
    int bytes;
  } kFormats[] = {{"rgb24", 1, 0, 0, 3},   {"bgra", 1, 0, 0, 4},    {"gray", 1, 0, 0, 1},
                  {"yuv420p", 3, 1, 1, 1}, {"yuv444p", 3, 0, 0, 1}, {"yuv422p10le", 3, 1, 0, 2},
                  {"yuyv422", 1, 0, 0, 2}, {"gbrp", 3, 0, 0, 1},    {"gbrpf32le", 3, 0, 0, 4},
                  {"monow", 1, 0, 0, 1},   {"yuv410p", 3, 2, 2, 1}, {"gray16le", 1, 0, 0, 2}};
  static const char* const kMatrices[] = {"bt709", "smpte170m", "unknown", "gbr", "nonsense"};
  static const char* const kRanges[] = {"tv", "pc", "unknown"};
  static const char* const kPlaces[] = {"left", "center", "topleft", "unspecified"};
  const unsigned kind = below(sizeof kFormats / sizeof *kFormats);
  const int width = 1 + (int)below(one_in(8) ? 300 : 60), height = 1 + (int)below(50);
  clipclap_picture picture;
  clipclap_picture_init(&picture, sizeof picture);
  uint8_t* memory[4] = {NULL};
  for (int i = 0; i < kFormats[kind].planes; ++i) {
    const int columns = i == 0 ? width : -((-width) >> kFormats[kind].shift_x);
    const int rows = i == 0 ? height : -((-height) >> kFormats[kind].shift_y);
    /* Packed 4:2:2 has its samples in pairs. */
    const size_t stride = (size_t)((columns + 1) / 2 * 2 * kFormats[kind].bytes) + below(9);
    const size_t size = stride * (size_t)rows;
    memory[i] = malloc(size);
    CHECK(memory[i] != NULL);
    memset(memory[i], (int)below(256), size);
    const int flipped = one_in(5);
    picture.planes[i] = flipped ? memory[i] + stride * (size_t)(rows - 1) : memory[i];
    picture.strides[i] = flipped ? -(ptrdiff_t)stride : (ptrdiff_t)stride;
  }
  picture.width = width;
  picture.height = height;
  picture.pixel_format = kFormats[kind].name;
  if (one_in(30)) picture.pixel_format = one_in(2) ? "vaapi" : "no format";
  if (one_in(30)) picture.planes[below(3)] = NULL;
  if (one_in(30)) picture.strides[below(3)] = odd_int(1) % 16;
  if (one_in(3)) picture.color_matrix = ONE_OF(kMatrices);
  if (one_in(3)) picture.color_range = ONE_OF(kRanges);
  if (one_in(3)) picture.chroma_location = ONE_OF(kPlaces);
  picture.pixel_aspect = odd_double(one_in(3) ? 1.5 : 0);
  picture.start_seconds = odd_double((double)below(100));
  picture.end_seconds = odd_double(picture.start_seconds + 1);
  clipclap_box boxes[4];
  for (int i = 0; i < 4; ++i) {
    const clipclap_box box = {odd_int((int)below(60)), odd_int((int)below(60)),
                              odd_int((int)below(60)), odd_int((int)below(60))};
    boxes[i] = box;
  }
  if (one_in(3)) picture.box_count = below(5);
  if (!one_in(20)) picture.boxes = boxes;
  size_t count = 0;
  check_status(clipclap_session_push_picture(session, one_in(50) ? NULL : &picture, &count));
  for (int i = 0; i < 4; ++i) free(memory[i]);
}

static void push_sound(clipclap_session* session) {
  static const struct {
    const char* name;
    size_t bytes;
    int planar;
  } kFormats[] = {{"flt", 4, 0},  {"fltp", 4, 1}, {"s16", 2, 0},
                  {"dblp", 8, 1}, {"u8p", 1, 1},  {"s64", 8, 0}};
  static const char* const kLayouts[] = {"mono", "stereo", "5.1", "3 channels", "x"};
  static const int kRates[] = {8000, 44100, 48000};
  const unsigned kind = below(6);
  const int channels = 1 + (int)below(12);
  const size_t count = one_in(20) ? 0 : below(60000);
  uint8_t* memory[12] = {NULL};
  const uint8_t* planes[12] = {NULL};
  const int plane_count = kFormats[kind].planar ? channels : 1;
  for (int i = 0; i < plane_count; ++i) {
    const size_t size =
        count * kFormats[kind].bytes * (size_t)(kFormats[kind].planar ? 1 : channels);
    planes[i] = memory[i] = malloc(size + (size == 0));
    CHECK(memory[i] != NULL);
    for (size_t byte = 0; byte < size; ++byte) memory[i][byte] = (uint8_t)below(256);
  }
  clipclap_samples samples;
  clipclap_samples_init(&samples, sizeof samples);
  samples.sample_format = one_in(40) ? "nothing" : kFormats[kind].name;
  samples.channel_count = channels;
  if (one_in(20)) samples.channel_layout = ONE_OF(kLayouts);
  samples.sample_rate = odd_int(kRates[below(3)]);
  samples.planes = one_in(40) ? NULL : planes;
  samples.count = count;
  if (one_in(3)) samples.start_seconds = odd_double((double)below(50));
  check_status(clipclap_session_push_samples(session, &samples));
  for (int i = 0; i < plane_count; ++i) free(memory[i]);
}

static void take_result(clipclap_session* session, unsigned slot) {
  clipclap_result_free(results[slot]);
  results[slot] = NULL;
  const clipclap_status status =
      one_in(2) ? clipclap_session_poll(session, &results[slot])
                : clipclap_session_wait(session, odd_double(0.01), &results[slot]);
  check_status(status);
  CHECK((status == CLIPCLAP_OK) == (results[slot] != NULL));
  const size_t count = clipclap_result_label_count(results[slot]);
  for (size_t i = 0; i <= count; ++i) {
    const char* label = clipclap_result_label(results[slot], i);
    CHECK((label != NULL) == (i < count));
    CHECK(label == NULL || strlen(label) + strlen(clipclap_result_unit(results[slot], i)) > 0);
    CHECK(clipclap_result_score(results[slot], i) >= 0);
  }
}

static void use_text(unsigned slot) {
  static const char* const kFormats[] = {"jsonl", "csv", "srt", "vtt", "table", "json", "?"};
  const char* text = NULL;
  size_t size = 0;
  clipclap_status status = CLIPCLAP_INVALID_ARGUMENT;
  switch (below(8)) {
    case 0:
      clipclap_writer_free(writers[slot]);
      writers[slot] = NULL;
      check_status(clipclap_writer_open(ONE_OF(kFormats), "file", "v:0", &writers[slot], NULL, 0));
      return;
    case 1:
      clipclap_summary_free(summaries[slot]);
      summaries[slot] = NULL;
      check_status(clipclap_summary_open(odd_double(0.5), &summaries[slot], NULL, 0));
      return;
    case 2:
      check_status(
          clipclap_summary_add(summaries[slot], "f", ONE_OF(kFormats), results[below(SLOTS)]));
      return;
    case 3:
      status = clipclap_summary_write(summaries[slot], ONE_OF(kFormats), &text, &size);
      break;
    case 4:
      check_status(clipclap_summary_clear(summaries[slot]));
      return;
    case 5:
      status = clipclap_writer_finish(writers[slot], &text, &size);
      break;
    default:
      status = clipclap_writer_write(writers[slot], results[below(SLOTS)], &text, &size);
  }
  check_status(status);
  if (status == CLIPCLAP_OK) CHECK(strlen(text) == size);
}

static void call_once(void) {
  const unsigned slot = below(SLOTS);
  clipclap_session* session = sessions[slot];
  switch (below(12)) {
    case 0:
      if (one_in(4)) open_or_close_session(slot);
      break;
    case 1:
      set_words(session);
      break;
    case 2:
      check_status(clipclap_session_flush(session));
      break;
    case 3:
    case 4:
      push_sound(session);
      break;
    case 5:
    case 6:
    case 7:
      push_picture(session);
      break;
    case 8:
    case 9:
      take_result(session, below(SLOTS));
      break;
    default:
      use_text(slot);
  }
  CHECK(clipclap_session_error(sessions[slot]) != NULL);
}

int main(int argc, char** argv) {
  CHECK(argc > 1);
  const time_t end = time(NULL) + atoi(argv[1]);
  uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : (uint64_t)time(NULL);
  clipclap_model* opened[] = {open_model("embedded:demo"), open_model("embedded:demo-audio")};
  unsigned long calls = 0;
  for (int i = 0; i < 2; ++i) models[i] = opened[i];
  do {
    printf("seed %llu\n", (unsigned long long)seed);
    fflush(stdout);
    state = seed++ * 2654435769U + 1;
    for (unsigned slot = 0; slot < SLOTS; ++slot) open_or_close_session(slot);
    for (unsigned slot = 0; slot < SLOTS; ++slot) {
      clipclap_session_parse_labels(sessions[slot], "boot,shirt,bag", NULL, 0);
    }
    for (int i = 0; i < 400; ++i, ++calls) call_once();
  } while (time(NULL) < end);
  for (unsigned slot = 0; slot < SLOTS; ++slot) {
    clipclap_session_free(sessions[slot]);
    clipclap_result_free(results[slot]);
    clipclap_writer_free(writers[slot]);
    clipclap_summary_free(summaries[slot]);
  }
  for (int i = 0; i < 2; ++i) clipclap_model_free(opened[i]);
  printf("%lu calls\n", calls);
  return 0;
}
