/* Says what is heard in sound, in the user's words. */
#include <math.h>
#include <string.h>

#include "libavutil/avstring.h"
#include "libavutil/channel_layout.h"
#include "libavutil/error.h"
#include "libavutil/log.h"
#include "libavutil/mem.h"
#include "libavutil/samplefmt.h"

#include <clipclap/clipclap.h>

#include "clipclap_common.h"
#include "clipclap_compat.h"
#include "clipclap_flow.h"
#include "clipclap_frames.h"
#include "clipclap_sink.h"

typedef struct ClipclapAudio {
    const AVClass *class;
    ClipclapOptions options;
    double held_seconds;

    ClipclapModel *model;
    clipclap_session *session;
    ClipclapSink sink;
    ClipclapFlow flow;
    /* Known, but it may end in a frame that is not there yet. */
    clipclap_result *next;
    /* Where the next frame begins if it does not say. */
    double end_seconds;
    /* Sound has been pushed that no flush ended. */
    int pushing;
    int error_logged;
} ClipclapAudio;

#define ROUNDING_SECONDS 1e-3

#define FLAGS (AV_OPT_FLAG_AUDIO_PARAM | AV_OPT_FLAG_FILTERING_PARAM)
#define RUNTIME (FLAGS | AV_OPT_FLAG_RUNTIME_PARAM)
#define OWN(member) offsetof(ClipclapAudio, member)

static const AVOption aclipclap_options[] = {
    CLIPCLAP_MODEL_OPTIONS(ClipclapAudio, "embedded:demo-audio", FLAGS),
    CLIPCLAP_INT(ClipclapAudio, "sample_rate", sample_rate, "that a TorchScript model takes", 0, 0,
                 INT_MAX, FLAGS),
    CLIPCLAP_REAL(ClipclapAudio, "sample_duration", sample_duration,
                  "seconds that a TorchScript model takes", 0, 0, 3600, FLAGS),
    CLIPCLAP_WORD_OPTIONS(ClipclapAudio, FLAGS, RUNTIME),
    CLIPCLAP_REAL(ClipclapAudio, "window", window, "seconds heard at once, 0 for the model's own",
                  0, 0, 3600, FLAGS),
    CLIPCLAP_REAL(ClipclapAudio, "hop", hop, "seconds from window to window, 0 for half a window",
                  0, 0, 3600, FLAGS),
    CLIPCLAP_REAL(ClipclapAudio, "silence_floor", silence_floor,
                  "LUFS that a window must reach to be scored, -inf for all", -70, -INFINITY, 0,
                  FLAGS),
    {"held_seconds", "of sound that may wait for its results", OWN(held_seconds),
     AV_OPT_TYPE_DOUBLE, {.dbl = 2}, 0, 1e6, FLAGS},
    CLIPCLAP_STRING(ClipclapAudio, "key", key, "what metadata keys begin with", "lavfi.aclipclap",
                    FLAGS),
    CLIPCLAP_OUTPUT_OPTIONS(ClipclapAudio, "a:0", FLAGS),
    {NULL}};

AVFILTER_DEFINE_CLASS(aclipclap);

/* What is pushed ends, so that its last window does. */
static int flush(AVFilterContext *ctx)
{
    ClipclapAudio *s = ctx->priv;
    clipclap_status status;
    if (!s->pushing)
        return 0;
    s->pushing = 0;
    status = clipclap_session_flush(s->session);
    return status < 0 ? ff_clipclap_failed(ctx, status, clipclap_session_error(s->session)) : 0;
}

static int push(AVFilterContext *ctx, const AVFrame *frame, double start_seconds)
{
    ClipclapAudio *s = ctx->priv;
    char layout[256];
    clipclap_samples samples;
    clipclap_status status;
    int ret = av_channel_layout_describe(&frame->ch_layout, layout, sizeof(layout));
    if (ret < 0)
        return ret;
    clipclap_samples_init(&samples, sizeof(samples));
    samples.sample_format = av_get_sample_fmt_name(frame->format);
    samples.channel_layout = layout;
    samples.channel_count = frame->ch_layout.nb_channels;
    samples.sample_rate = frame->sample_rate;
    samples.planes = (const uint8_t *const *)frame->extended_data;
    samples.count = frame->nb_samples;
    samples.start_seconds = start_seconds;
    s->pushing = 1;
    status = clipclap_session_push_samples(s->session, &samples);
    if (status >= 0)
        return 0;
    return ff_clipclap_result_failed(ctx, &s->options, status, clipclap_session_error(s->session),
                                     &s->error_logged);
}

static int take(AVFilterContext *ctx, AVFrame *frame)
{
    ClipclapAudio *s = ctx->priv;
    const double seconds = (double)frame->nb_samples / frame->sample_rate;
    const double start = frame->pts == AV_NOPTS_VALUE
                             ? s->end_seconds
                             : frame->pts * av_q2d(ctx->inputs[0]->time_base);
    ClipclapHeld *held = ff_clipclap_flow_hold(&s->flow, frame, seconds);
    if (!held)
        return AVERROR(ENOMEM);
    s->end_seconds = start + seconds;
    /* A window belongs to the frame with its last sample, whose time is rounded. */
    held->end_seconds = s->end_seconds + ROUNDING_SECONDS;
    return ctx->is_disabled ? flush(ctx) : push(ctx, frame, start);
}

static int attach(ClipclapAudio *s, AVFrame *frame, const clipclap_result *result)
{
    const char *key = s->options.key;
    int ret;
    ff_clipclap_clear_metadata(frame, key);
    if ((ret = ff_clipclap_add_metadata(frame, key, result)) < 0 ||
        (ret = ff_clipclap_add_time(frame, key, "start", clipclap_result_start_seconds(result))) <
            0 ||
        (ret = ff_clipclap_add_time(frame, key, "end", clipclap_result_end_seconds(result))) < 0)
        return ret;
    return clipclap_result_is_silent(result)
               ? av_dict_set(&frame->metadata, av_asprintf("%s.silent", key), "1",
                             AV_DICT_DONT_STRDUP_KEY)
               : 0;
}

/* 1 where `next` is there, 0 where it is not known yet, AVERROR_EOF where none is outstanding. */
static int fetch(AVFilterContext *ctx, int wait)
{
    ClipclapAudio *s = ctx->priv;
    while (!s->next) {
        const clipclap_status status = wait ? clipclap_session_wait(s->session, -1, &s->next)
                                            : clipclap_session_poll(s->session, &s->next);
        int ret;
        if (status == CLIPCLAP_AGAIN)
            return 0;
        if (status == CLIPCLAP_END)
            return AVERROR_EOF;
        if (status < 0 &&
            (ret = ff_clipclap_result_failed(ctx, &s->options, status,
                                             clipclap_session_error(s->session),
                                             &s->error_logged)) < 0)
            return ret;
    }
    return 1;
}

static int give_next(ClipclapAudio *s, ClipclapHeld *held)
{
    clipclap_result *result = s->next;
    int ret = attach(s, held->frame, result);
    s->next = NULL;
    if (ret >= 0)
        return ff_clipclap_held_add(held, result);
    clipclap_result_free(result);
    return ret;
}

/* 1 where no result that the frame holds is outstanding, 0 where one may be. */
static int collect_for(AVFilterContext *ctx, ClipclapHeld *held, int is_last, int wait)
{
    ClipclapAudio *s = ctx->priv;
    for (;;) {
        int ret = fetch(ctx, wait);
        if (ret <= 0)
            return ret == AVERROR_EOF ? 1 : ret;
        if (!is_last && clipclap_result_end_seconds(s->next) > held->end_seconds)
            return 1;
        if ((ret = give_next(s, held)) < 0)
            return ret;
    }
}

static int collect(AVFilterContext *ctx, int wait)
{
    ClipclapAudio *s = ctx->priv;
    for (ClipclapHeld *held = s->flow.first; held; held = held->next) {
        const int waits = wait && held == s->flow.first;
        int ret;
        /* The next frame's samples may be what the last window in this one lacks to be resampled. */
        if (!held->next && !s->flow.ended)
            break;
        if (held->known)
            continue;
        ret = collect_for(ctx, held, !held->next, waits);
        if (ret <= 0)
            return ret;
        held->known = 1;
    }
    return 0;
}

static int pass_on(AVFilterContext *ctx, ClipclapHeld *held)
{
    ClipclapAudio *s = ctx->priv;
    AVFrame *frame = held->frame;
    for (size_t i = 0; i < held->result_count; ++i) {
        const int ret = ff_clipclap_sink_add(ctx, &s->sink, held->results[i]);
        if (ret < 0)
            return ret;
    }
    held->frame = NULL;
    return ff_filter_frame(ctx->outputs[0], frame);
}

static int finish(AVFilterContext *ctx)
{
    ClipclapAudio *s = ctx->priv;
    return ff_clipclap_sink_finish(ctx, &s->sink);
}

static av_cold int init(AVFilterContext *ctx)
{
    ClipclapAudio *s = ctx->priv;
    s->flow.limit = s->held_seconds;
    s->flow.async = s->options.async;
    s->flow.looks_ahead = 1;
    s->flow.take = take;
    s->flow.collect = collect;
    s->flow.send = pass_on;
    s->flow.flush = flush;
    s->flow.finish = finish;
    return 0;
}

static av_cold void uninit(AVFilterContext *ctx)
{
    ClipclapAudio *s = ctx->priv;
    /* What ends before its input does has not come to its end yet. */
    if (s->sink.options)
        ff_clipclap_sink_finish(ctx, &s->sink);
    ff_clipclap_sink_free(&s->sink);
    ff_clipclap_flow_free(&s->flow);
    clipclap_result_free(s->next);
    clipclap_session_free(s->session);
    ff_clipclap_model_free(&s->model);
}

/* Not before: ffmpeg also makes filters only to look at them. */
static int config_input(AVFilterLink *link)
{
    AVFilterContext *ctx = link->dst;
    ClipclapAudio *s = ctx->priv;
    int ret;
    if (s->session)
        return 0;
    if ((ret = ff_clipclap_model_open(ctx, &s->options, 0, &s->model)) < 0 ||
        (ret = ff_clipclap_session_open(ctx, &s->options, s->model, &s->session)) < 0)
        return ret;
    return ff_clipclap_sink_open(ctx, &s->sink, &s->options);
}

static int activate(AVFilterContext *ctx)
{
    ClipclapAudio *s = ctx->priv;
    return ff_clipclap_flow_activate(ctx, &s->flow);
}

static int process_command(AVFilterContext *ctx, const char *command, const char *value,
                           char *answer, int answer_size, int flags)
{
    ClipclapAudio *s = ctx->priv;
    const int ret = ff_clipclap_session_command(ctx, &s->options, s->session, command, value);
    return ret == AVERROR(ENOSYS) ? ff_clipclap_sink_command(ctx, &s->sink, command) : ret;
}

static const AVFilterPad aclipclap_inputs[] = {
    {.name = "default", .type = AVMEDIA_TYPE_AUDIO, .config_props = config_input}};
static const AVFilterPad aclipclap_outputs[] = {{.name = "default", .type = AVMEDIA_TYPE_AUDIO}};

const CLIPCLAP_FILTER ff_af_aclipclap = {
    CLIPCLAP_PUBLIC(name) = "aclipclap",
    CLIPCLAP_PUBLIC(description) =
        NULL_IF_CONFIG_SMALL("Say what is heard in sound, in your own words."),
    CLIPCLAP_PUBLIC(priv_class) = &aclipclap_class,
    CLIPCLAP_PUBLIC(flags) = AVFILTER_FLAG_METADATA_ONLY | AVFILTER_FLAG_SUPPORT_TIMELINE_INTERNAL,
    .priv_size = sizeof(ClipclapAudio),
    .init = init,
    .uninit = uninit,
    .activate = activate,
    .process_command = process_command,
    FILTER_INPUTS(aclipclap_inputs),
    FILTER_OUTPUTS(aclipclap_outputs),
};
