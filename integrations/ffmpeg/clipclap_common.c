#include "clipclap_common.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "libavutil/avstring.h"
#include "libavutil/bprint.h"
#include "libavutil/error.h"
#include "libavutil/eval.h"
#include "libavutil/log.h"
#include "libavutil/macros.h"
#include "libavutil/mem.h"
#include "libavutil/thread.h"

#include "clipclap_compat.h"

enum { MESSAGE_SIZE = 2048, MAX_KEY_LENGTH = 100 };

/* What the process has open. Filters of one graph that ask for the same share it. */
struct ClipclapModel {
    clipclap_model *handle;
    char *key;
    int users;
    ClipclapModel *next;
};

static AVMutex models_lock = AV_MUTEX_INITIALIZER;
static ClipclapModel *models;

static void log_message(void *user, clipclap_log_level level, const char *message)
{
    av_log(NULL, level == CLIPCLAP_LOG_WARNING ? AV_LOG_WARNING : AV_LOG_INFO, "clipclap: %s\n",
           message);
}

int ff_clipclap_status_to_averror(clipclap_status status)
{
    switch (status) {
    case CLIPCLAP_INVALID_ARGUMENT: return AVERROR(EINVAL);
    case CLIPCLAP_NOT_FOUND: return AVERROR(ENOENT);
    case CLIPCLAP_IO: return AVERROR(EIO);
    case CLIPCLAP_INVALID_DATA: return AVERROR_INVALIDDATA;
    case CLIPCLAP_UNSUPPORTED: return AVERROR(ENOSYS);
    case CLIPCLAP_CANCELLED: return AVERROR_EXIT;
    case CLIPCLAP_OUT_OF_MEMORY: return AVERROR(ENOMEM);
    default: return status < 0 ? AVERROR_EXTERNAL : 0;
    }
}

static void print_option(AVBPrint *text, const char *name, size_t length)
{
    static const char *const renamed[][2] = {{"image-size", "input_res"},
                                             {"text-length", "token_dimension"}};
    for (size_t i = 0; i < FF_ARRAY_ELEMS(renamed); ++i) {
        if (strlen(renamed[i][0]) == length && !strncmp(renamed[i][0], name, length)) {
            av_bprintf(text, "%s", renamed[i][1]);
            return;
        }
    }
    for (size_t i = 0; i < length; ++i)
        av_bprint_chars(text, name[i] == '-' ? '_' : name[i], 1);
}

/* The library's messages name the options of the command line, such as --image-size. */
static void log_in_our_words(const AVFilterContext *ctx, int level, const char *message,
                             const char *end)
{
    AVBPrint text;
    av_bprint_init(&text, 0, AV_BPRINT_SIZE_UNLIMITED);
    while (*message) {
        const char *option = strstr(message, " --");
        const size_t before = option ? option + 1 - message : strlen(message);
        const size_t length = option ? strspn(option + 3, "abcdefghijklmnopqrstuvwxyz-") : 0;
        av_bprint_append_data(&text, message, before);
        message += before;
        if (length > 0) {
            print_option(&text, message + 2, length);
            message += 2 + length;
        }
    }
    av_log((void *)ctx, level, "%s%s\n", text.str, end);
    av_bprint_finalize(&text, NULL);
}

int ff_clipclap_failed(const AVFilterContext *ctx, clipclap_status status, const char *message)
{
    log_in_our_words(ctx, AV_LOG_ERROR,
                     message && *message ? message : clipclap_status_name(status), "");
    return ff_clipclap_status_to_averror(status);
}

int ff_clipclap_result_failed(AVFilterContext *ctx, const ClipclapOptions *options,
                              clipclap_status status, const char *message, int *logged)
{
    if (options->on_error == CLIPCLAP_FAIL)
        return ff_clipclap_failed(ctx, status, message);
    if (!*logged)
        log_in_our_words(ctx, AV_LOG_WARNING, message, " (frames pass without results)");
    *logged = 1;
    return 0;
}

static int is_file(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static int ends_with(const char *text, const char *end)
{
    const size_t length = strlen(text), end_length = strlen(end);
    return length >= end_length && !strcmp(text + length - end_length, end);
}

static const char *forward_order_name(int order)
{
    if (order < 0)
        return NULL;
    return order == CLIPCLAP_TEXT_FIRST ? "text" : "media";
}

static void set_model_options(const ClipclapOptions *options, clipclap_model_options *model)
{
    clipclap_model_options_init(model, sizeof(*model));
    model->model = options->model;
    model->device = options->device;
    model->precision = options->precision;
    model->threads = options->threads;
    model->tokenizer = options->tokenizer;
    model->image_size = options->input_res;
    model->normalize = options->normalize;
    model->text_length = options->token_dimension;
    model->sample_rate = options->sample_rate;
    model->sample_seconds = options->sample_duration;
    model->forward_order = forward_order_name(options->forward_order);
    /* A TorchScript file that does not say its own cannot be opened without. */
    if (is_file(options->model) && !ends_with(options->model, ".pth"))
        model->logit_scale = options->logit_scale;
}

static char *model_key(const clipclap_model_options *model)
{
#define OR_NONE(text) ((text) ? (text) : "")
    return av_asprintf("%s\n%s\n%s\n%s\n%s\n%d %d %d %d %d %.17g %.17g", model->model,
                       OR_NONE(model->device), OR_NONE(model->precision), OR_NONE(model->tokenizer),
                       OR_NONE(model->forward_order), model->threads, model->image_size,
                       model->normalize, model->text_length, model->sample_rate,
                       model->sample_seconds, model->logit_scale);
#undef OR_NONE
}

/* With models_lock held. Takes the key over. */
static int open_new(AVFilterContext *ctx, const clipclap_model_options *options, char *key,
                    ClipclapModel **model)
{
    char message[MESSAGE_SIZE] = "";
    clipclap_status status;
    ClipclapModel *made = av_mallocz(sizeof(*made));
    if (!made) {
        av_free(key);
        return AVERROR(ENOMEM);
    }
    clipclap_set_log_handler(log_message, NULL);
    status = clipclap_model_open(options, &made->handle, message, sizeof(message));
    if (status < 0) {
        av_free(key);
        av_free(made);
        return ff_clipclap_failed(ctx, status, message);
    }
    made->key = key;
    made->next = models;
    models = made;
    *model = made;
    return 0;
}

static int open_shared(AVFilterContext *ctx, const ClipclapOptions *options, ClipclapModel **model)
{
    clipclap_model_options wanted;
    ClipclapModel *found;
    char *key;
    int ret = 0;

    set_model_options(options, &wanted);
    if (!(key = model_key(&wanted)))
        return AVERROR(ENOMEM);
    ff_mutex_lock(&models_lock);
    for (found = models; found && strcmp(found->key, key); found = found->next)
        continue;
    if (found)
        av_free(key);
    else
        ret = open_new(ctx, &wanted, key, &found);
    if (ret >= 0) {
        found->users++;
        *model = found;
    }
    ff_mutex_unlock(&models_lock);
    return ret;
}

int ff_clipclap_model_open(AVFilterContext *ctx, const ClipclapOptions *options, int sees,
                           ClipclapModel **model)
{
    int ret;
    if (!options->model || !*options->model) {
        av_log(ctx, AV_LOG_ERROR, "model is empty: name a folder, a file or a checkpoint\n");
        return AVERROR(EINVAL);
    }
    if (!options->key || !*options->key || strlen(options->key) > MAX_KEY_LENGTH) {
        av_log(ctx, AV_LOG_ERROR, "key must have 1 to %d bytes\n", MAX_KEY_LENGTH);
        return AVERROR(EINVAL);
    }
    if ((ret = open_shared(ctx, options, model)) < 0)
        return ret;
    if (sees ? clipclap_model_sees((*model)->handle) : clipclap_model_hears((*model)->handle))
        return 0;
    av_log(ctx, AV_LOG_ERROR, "%s %s: it is for the filter %s\n", options->model,
           sees ? "hears and does not see" : "sees and does not hear",
           sees ? "aclipclap" : "clipclap");
    ff_clipclap_model_free(model);
    return AVERROR(EINVAL);
}

void ff_clipclap_model_free(ClipclapModel **model)
{
    ClipclapModel *freed = *model;
    ClipclapModel **place = &models;
    if (!freed)
        return;
    *model = NULL;
    ff_mutex_lock(&models_lock);
    if (--freed->users == 0) {
        while (*place != freed)
            place = &(*place)->next;
        *place = freed->next;
        clipclap_model_free(freed->handle);
        av_free(freed->key);
        av_free(freed);
    }
    ff_mutex_unlock(&models_lock);
}

/* Cuts `text` where a '|' stands. `parts` point into it and are the caller's to free. */
static int split(char *text, char ***parts, size_t *count)
{
    char *rest = NULL;
    for (char *part = av_strtok(text, "|", &rest); part; part = av_strtok(NULL, "|", &rest)) {
        char **grown = av_realloc_array(*parts, *count + 1, sizeof(**parts));
        if (!grown)
            return AVERROR(ENOMEM);
        *parts = grown;
        (*parts)[(*count)++] = part;
    }
    return 0;
}

/* The command line's form; a file's bare name will do. */
static clipclap_status parse_labels(clipclap_session *session, const char *text,
                                    char *const *templates, size_t template_count)
{
    clipclap_status status;
    char *reference = is_file(text) ? av_asprintf("@%s", text) : av_strdup(text);
    if (!reference)
        return CLIPCLAP_OUT_OF_MEMORY;
    status = clipclap_session_parse_labels(session, reference, (const char *const *)templates,
                                           template_count);
    av_free(reference);
    return status;
}

static int set_labels(AVFilterContext *ctx, const ClipclapOptions *options,
                      clipclap_session *session, const char *labels)
{
    char **templates = NULL;
    size_t count = 0;
    char *text = av_strdup(options->templates ? options->templates : "");
    int ret = text ? split(text, &templates, &count) : AVERROR(ENOMEM);
    if (ret >= 0) {
        const clipclap_status status = parse_labels(session, labels, templates, count);
        if (status < 0)
            ret = ff_clipclap_failed(ctx, status, clipclap_session_error(session));
    }
    av_free(templates);
    av_free(text);
    return ret;
}

static int set_words(AVFilterContext *ctx, const ClipclapOptions *options,
                     clipclap_session *session)
{
    clipclap_status status;
    if (!options->labels == !options->categories) {
        av_log(ctx, AV_LOG_ERROR, "give either labels (such as labels='cat,dog') or categories\n");
        return AVERROR(EINVAL);
    }
    if (options->labels)
        return set_labels(ctx, options, session, options->labels);
    status = clipclap_session_set_categories(session, options->categories, options->sum_prompts);
    return status < 0 ? ff_clipclap_failed(ctx, status, clipclap_session_error(session)) : 0;
}

int ff_clipclap_session_open(AVFilterContext *ctx, const ClipclapOptions *options,
                             const ClipclapModel *model, clipclap_session **session)
{
    char message[MESSAGE_SIZE] = "";
    clipclap_session_options wanted;
    clipclap_status status;

    clipclap_session_options_init(&wanted, sizeof(wanted));
    wanted.batch = options->batch;
    wanted.batches_in_flight = options->nireq;
    wanted.temperature = options->temperature;
    wanted.logit_scale = options->logit_scale;
    wanted.threshold = options->confidence;
    wanted.top = options->top;
    wanted.window_seconds = options->window;
    wanted.hop_seconds = options->hop;
    wanted.silence_floor = options->silence_floor;
    status = clipclap_session_open(model->handle, &wanted, session, message, sizeof(message));
    if (status < 0)
        return ff_clipclap_failed(ctx, status, message);
    return set_words(ctx, options, *session);
}

static int set_confidence(AVFilterContext *ctx, ClipclapOptions *options, clipclap_session *session,
                          const char *value)
{
    clipclap_status status;
    char *end = NULL;
    const double confidence = av_strtod(value, &end);
    if (end == value || *end || !(confidence >= 0 && confidence <= 1)) {
        av_log(ctx, AV_LOG_ERROR, "confidence must be a number from 0 to 1, not '%s'\n", value);
        return AVERROR(EINVAL);
    }
    status = clipclap_session_set_threshold(session, confidence);
    if (status < 0)
        return ff_clipclap_failed(ctx, status, clipclap_session_error(session));
    options->confidence = confidence;
    return 0;
}

int ff_clipclap_session_command(AVFilterContext *ctx, ClipclapOptions *options,
                                clipclap_session *session, const char *command, const char *value)
{
    if (!strcmp(command, "labels"))
        return set_labels(ctx, options, session, value);
    if (!strcmp(command, "confidence"))
        return set_confidence(ctx, options, session, value);
    return AVERROR(ENOSYS);
}
