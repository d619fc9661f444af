/* Options, models and sessions: what the filters that classify have in common. */
#ifndef AVFILTER_CLIPCLAP_COMMON_H
#define AVFILTER_CLIPCLAP_COMMON_H

#include <limits.h>
#include <math.h>
#include <stddef.h>

#include "libavutil/opt.h"

#include <clipclap/clipclap.h>

#include "avfilter.h"

typedef struct ClipclapModel ClipclapModel;

typedef struct ClipclapOptions {
    char *model, *tokenizer, *device, *precision;
    int threads;
    char *labels, *categories, *templates;
    int sum_prompts;
    double confidence;
    int top;
    double temperature, logit_scale;
    int normalize, forward_order, input_res, sample_rate, token_dimension;
    double sample_duration;
    double window, hop, silence_floor;
    int batch, nireq, async, on_error;
    char *output, *format, *summary, *input_name, *stream, *key;
} ClipclapOptions;

enum { CLIPCLAP_MEDIA_FIRST, CLIPCLAP_TEXT_FIRST };
enum { CLIPCLAP_FAIL, CLIPCLAP_SKIP };

/* For a struct that begins with an AVClass and has a member `options`; C is where their constants
 * belong, F the flags, R those of what commands may change. */
#define CLIPCLAP_STRING(T, n, m, help, value, F) \
    {n, help, offsetof(T, options.m), AV_OPT_TYPE_STRING, {.str = value}, 0, 0, F}
#define CLIPCLAP_INT(T, n, m, help, value, low, high, F) \
    {n, help, offsetof(T, options.m), AV_OPT_TYPE_INT, {.i64 = value}, low, high, F}
#define CLIPCLAP_BOOL(T, n, m, help, value, F) \
    {n, help, offsetof(T, options.m), AV_OPT_TYPE_BOOL, {.i64 = value}, 0, 1, F}
#define CLIPCLAP_REAL(T, n, m, help, value, low, high, F) \
    {n, help, offsetof(T, options.m), AV_OPT_TYPE_DOUBLE, {.dbl = value}, low, high, F}
#define CLIPCLAP_CONSTANT(n, help, value, F, unit) \
    {n, help, 0, AV_OPT_TYPE_CONST, {.i64 = value}, 0, 0, F, unit}
#define CLIPCLAP_CHOICE(T, n, m, help, value, low, high, F, unit) \
    {n, help, offsetof(T, options.m), AV_OPT_TYPE_INT, {.i64 = value}, low, high, F, unit}

#define CLIPCLAP_MODEL_OPTIONS(T, demo, F)                                                         \
    CLIPCLAP_STRING(T, "model", model, "folder, name in the hub's cache or TorchScript file",      \
                    demo, F),                                                                      \
    CLIPCLAP_STRING(T, "tokenizer", tokenizer, "tokenizer of a TorchScript model", NULL, F),       \
    CLIPCLAP_STRING(T, "device", device, "where the model computes", "cpu", F),                    \
    CLIPCLAP_STRING(T, "precision", precision, "fp32, bf16, fp16, int8 or auto", NULL, F),         \
    CLIPCLAP_INT(T, "threads", threads, "of the towers, 0 for every core", 0, 0, 1024, F),         \
    CLIPCLAP_BOOL(T, "normalize", normalize, "divide embeddings by their length", 1, F),           \
    CLIPCLAP_CHOICE(T, "forward_order", forward_order, "what a TorchScript model takes first", -1, \
                    -1, 1, F, "forward_order"),                                                    \
    CLIPCLAP_CONSTANT("auto", "find by trying", -1, F, "forward_order"),                           \
    CLIPCLAP_CONSTANT("media", NULL, CLIPCLAP_MEDIA_FIRST, F, "forward_order"),                    \
    CLIPCLAP_CONSTANT("text", NULL, CLIPCLAP_TEXT_FIRST, F, "forward_order"),                      \
    CLIPCLAP_INT(T, "token_dimension", token_dimension, "tokens that a TorchScript model takes",   \
                 0, 0, INT_MAX, F)

#define CLIPCLAP_WORD_OPTIONS(T, F, R)                                                             \
    CLIPCLAP_STRING(T, "labels", labels, "cat,dog or a file with one a line", NULL, R),            \
    CLIPCLAP_STRING(T, "categories", categories, "file with units of categories", NULL, F),        \
    CLIPCLAP_BOOL(T, "sum_prompts", sum_prompts, "a category scores the sum of its prompts", 0,    \
                  F),                                                                              \
    CLIPCLAP_STRING(T, "template", templates, "sentences around labels, '|' between them", "{}",   \
                    F),                                                                            \
    CLIPCLAP_REAL(T, "confidence", confidence, "leave out labels below it", 0, 0, 1, R),           \
    CLIPCLAP_INT(T, "top", top, "labels to keep, 0 for all", 0, 0, INT_MAX, F),                    \
    CLIPCLAP_REAL(T, "temperature", temperature, "divides the logits", 1, 1e-4, 1e4, F),           \
    CLIPCLAP_REAL(T, "logit_scale", logit_scale, "factor of cosines, 0 for the model's own", 0, 0, \
                  1e6, F)

#define CLIPCLAP_OUTPUT_OPTIONS(T, name, F)                                                        \
    CLIPCLAP_STRING(T, "output", output, "file or URL for the results", NULL, F),                  \
    CLIPCLAP_STRING(T, "format", format, "jsonl, csv, srt or vtt", "jsonl", F),                    \
    CLIPCLAP_STRING(T, "summary", summary, ".csv or .json file for the averages", NULL, F),        \
    CLIPCLAP_STRING(T, "input_name", input_name, "what records call the file", "", F),             \
    CLIPCLAP_STRING(T, "stream", stream, "what records call the stream", name, F),                 \
    CLIPCLAP_INT(T, "batch", batch, "what goes through the model at once, 0 for automatic", 0, 0,  \
                 4096, F),                                                                         \
    CLIPCLAP_INT(T, "nireq", nireq, "batches under way, 0 for automatic", 0, 0, 4096, F),          \
    CLIPCLAP_BOOL(T, "async", async, "let frames wait together", 1, F),                            \
    CLIPCLAP_CHOICE(T, "on_error", on_error, "what a failing model does", CLIPCLAP_FAIL, 0, 1, F,  \
                    "on_error"),                                                                   \
    CLIPCLAP_CONSTANT("fail", "end the graph", CLIPCLAP_FAIL, F, "on_error"),                      \
    CLIPCLAP_CONSTANT("skip", "log once and pass frames", CLIPCLAP_SKIP, F, "on_error")

/* Opens the model, or takes the one that another filter of the process has open with the same
 * options; `sees` 1 or 0 says what it must be able to. Logs what goes wrong. */
int ff_clipclap_model_open(AVFilterContext *ctx, const ClipclapOptions *options, int sees,
                           ClipclapModel **model);
void ff_clipclap_model_free(ClipclapModel **model);

/* With its words. Logs what goes wrong. */
int ff_clipclap_session_open(AVFilterContext *ctx, const ClipclapOptions *options,
                             const ClipclapModel *model, clipclap_session **session);
/* Commands at run time: "labels" and "confidence"; AVERROR(ENOSYS) for others. */
int ff_clipclap_session_command(AVFilterContext *ctx, ClipclapOptions *options,
                                clipclap_session *session, const char *command, const char *value);

/* As an AVERROR, 0 where it is no error. */
int ff_clipclap_status_to_averror(clipclap_status status);
/* Logs the message of a failed call and returns the AVERROR. */
int ff_clipclap_failed(const AVFilterContext *ctx, clipclap_status status, const char *message);
/* What the next result's failure leads to: an AVERROR, or with on_error=skip 0, logged once. */
int ff_clipclap_result_failed(AVFilterContext *ctx, const ClipclapOptions *options,
                              clipclap_status status, const char *message, int *logged);

#endif /* AVFILTER_CLIPCLAP_COMMON_H */
