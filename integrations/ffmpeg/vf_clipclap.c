/* Says what is seen in pictures, in the user's words. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libavutil/avstring.h"
#include "libavutil/error.h"
#include "libavutil/imgutils.h"
#include "libavutil/log.h"
#include "libavutil/mem.h"
#include "libavutil/parseutils.h"
#include "libavutil/pixdesc.h"

#include <clipclap/clipclap.h>

#include "clipclap_common.h"
#include "clipclap_compat.h"
#include "clipclap_flow.h"
#include "clipclap_frames.h"
#include "clipclap_sink.h"

#define NANOSECONDS 1000000000

/* Which frames are looked at: every so many, or, where `frames` is 0, one an interval. */
typedef struct Sampler {
    int64_t frames;
    int64_t seen;
    int64_t nanoseconds;
    int64_t first_pts, last_pts, next_multiple;
} Sampler;

typedef struct ClipclapVideo {
    const AVClass *class;
    ClipclapOptions options;
    char *every, *target;
    double held_megabytes;

    ClipclapModel *model;
    clipclap_session *session;
    ClipclapSink sink;
    ClipclapFlow flow;
    /* The first frame in `flow` that is not known yet; NULL where all are. */
    ClipclapHeld *waiting;
    Sampler sampler;
    uint64_t next_id;
    int error_logged;
} ClipclapVideo;

#define FLAGS (AV_OPT_FLAG_VIDEO_PARAM | AV_OPT_FLAG_FILTERING_PARAM)
#define RUNTIME (FLAGS | AV_OPT_FLAG_RUNTIME_PARAM)
#define OWN(member) offsetof(ClipclapVideo, member)

static const AVOption clipclap_options[] = {
    CLIPCLAP_MODEL_OPTIONS(ClipclapVideo, "embedded:demo", FLAGS),
    CLIPCLAP_INT(ClipclapVideo, "input_res", input_res, "pixels a side of a TorchScript model", 0, 0,
                 INT_MAX, FLAGS),
    CLIPCLAP_WORD_OPTIONS(ClipclapVideo, FLAGS, RUNTIME),
    {"every", "frames (5) or time (0.5s) from one look to the next", OWN(every), AV_OPT_TYPE_STRING,
     {.str = "1"}, 0, 0, FLAGS},
    {"target", "look at detection boxes with these labels, '|' between them, * for all",
     OWN(target), AV_OPT_TYPE_STRING, {.str = NULL}, 0, 0, FLAGS},
    {"held_megabytes", "of frames that may wait for their results", OWN(held_megabytes),
     AV_OPT_TYPE_DOUBLE, {.dbl = 256}, 0, 1e6, FLAGS},
    CLIPCLAP_STRING(ClipclapVideo, "key", key, "what metadata keys begin with", "lavfi.clipclap",
                    FLAGS),
    CLIPCLAP_OUTPUT_OPTIONS(ClipclapVideo, "v:0", FLAGS),
    {NULL}};

AVFILTER_DEFINE_CLASS(clipclap);

static int parse_every(AVFilterContext *ctx, const char *text, Sampler *sampler)
{
    int64_t microseconds = 0;
    if (text[0] && strspn(text, "0123456789") == strlen(text)) {
        sampler->frames = strtoll(text, NULL, 10);
        if (sampler->frames > 0)
            return 0;
    } else if (av_parse_time(&microseconds, text, 1) >= 0 && microseconds > 0 &&
               microseconds < INT64_MAX / 1000) {
        sampler->nanoseconds = microseconds * 1000;
        return 0;
    }
    av_log(ctx, AV_LOG_ERROR,
           "every must be a number of frames (such as 5) or a time (such as 0.5s or 250ms), not "
           "'%s'\n",
           text);
    return AVERROR(EINVAL);
}

/* The first of each interval, counted from the first frame. */
static int takes(Sampler *sampler, int64_t pts, AVRational time_base)
{
    int64_t elapsed, multiple;
    if (sampler->frames > 0)
        return sampler->seen++ % sampler->frames == 0;
    if (pts == AV_NOPTS_VALUE)
        return 0;
    /* Streams that begin anew are looked at anew. */
    if (sampler->seen++ == 0 || pts < sampler->last_pts) {
        sampler->first_pts = pts;
        sampler->next_multiple = 0;
    }
    sampler->last_pts = pts;
    elapsed = av_rescale_q_rnd(pts - sampler->first_pts, time_base,
                               (AVRational){1, NANOSECONDS}, AV_ROUND_DOWN);
    multiple = elapsed / sampler->nanoseconds;
    if (multiple < sampler->next_multiple)
        return 0;
    sampler->next_multiple = multiple + 1;
    return 1;
}

static double frame_seconds(const AVFilterLink *link, const AVFrame *frame)
{
    AVRational rate = CLIPCLAP_FRAME_RATE((AVFilterLink *)link);
    if (CLIPCLAP_DURATION(frame) > 0)
        return CLIPCLAP_DURATION(frame) * av_q2d(link->time_base);
    return rate.num > 0 && rate.den > 0 ? av_q2d(av_inv_q(rate)) : 0;
}

/* Until the next look. */
static double look_seconds(const ClipclapVideo *s, const AVFilterLink *link, const AVFrame *frame)
{
    if (s->sampler.frames > 0)
        return s->sampler.frames * frame_seconds(link, frame);
    return (double)s->sampler.nanoseconds / NANOSECONDS;
}

static int refuse_hardware(AVFilterContext *ctx, enum AVPixelFormat format)
{
    const AVPixFmtDescriptor *description = av_pix_fmt_desc_get(format);
    if (description && !(description->flags & AV_PIX_FMT_FLAG_HWACCEL))
        return 0;
    av_log(ctx, AV_LOG_ERROR,
           "frames in %s lie in the memory of a device: put 'hwdownload,format=nv12' before the "
           "filter\n",
           description ? description->name : "an unknown format");
    return AVERROR(EINVAL);
}

static int push(AVFilterContext *ctx, ClipclapHeld *held)
{
    ClipclapVideo *s = ctx->priv;
    const AVFilterLink *link = ctx->inputs[0];
    const AVFrame *frame = held->frame;
    clipclap_picture picture;
    clipclap_box *boxes = NULL;
    clipclap_status status = CLIPCLAP_OK;
    size_t box_count = 0;
    int ret = 0;

    if (s->target) {
        ret = ff_clipclap_choose_boxes(frame, s->target, &boxes, &held->boxes, &box_count);
        if (ret < 0 || box_count == 0)
            goto end;
    }
    ff_clipclap_picture_from_frame(frame, &picture);
    if (picture.pixel_aspect == 0 && link->sample_aspect_ratio.num > 0)
        picture.pixel_aspect = av_q2d(link->sample_aspect_ratio);
    picture.start_seconds = frame->pts == AV_NOPTS_VALUE ? 0 : frame->pts * av_q2d(link->time_base);
    picture.end_seconds = picture.start_seconds + look_seconds(s, link, frame);
    picture.id = held->id;
    picture.boxes = boxes;
    picture.box_count = box_count;
    status = clipclap_session_push_picture(s->session, &picture, &held->due);
    if (status < 0)
        ret = ff_clipclap_result_failed(ctx, &s->options, status,
                                        clipclap_session_error(s->session), &s->error_logged);
end:
    av_free(boxes);
    return ret;
}

static int take(AVFilterContext *ctx, AVFrame *frame)
{
    ClipclapVideo *s = ctx->priv;
    const AVFilterLink *link = ctx->inputs[0];
    const int size = av_image_get_buffer_size(frame->format, frame->width, frame->height, 1);
    ClipclapHeld *held = ff_clipclap_flow_hold(&s->flow, frame, size > 0 ? size * 1e-6 : 0);
    int ret;
    if (!held)
        return AVERROR(ENOMEM);
    held->id = s->next_id++;
    if ((ret = refuse_hardware(ctx, frame->format)) < 0)
        return ret;
    if (!ctx->is_disabled && takes(&s->sampler, frame->pts, link->time_base) &&
        (ret = push(ctx, held)) < 0)
        return ret;
    held->known = held->due == 0;
    if (!held->known && !s->waiting)
        s->waiting = held;
    return 0;
}

static void settle(ClipclapVideo *s)
{
    if (--s->waiting->due > 0)
        return;
    s->waiting->known = 1;
    while (s->waiting && s->waiting->known)
        s->waiting = s->waiting->next;
}

static int attach(ClipclapVideo *s, ClipclapHeld *held, const clipclap_result *result)
{
    const ptrdiff_t box = clipclap_result_box(result);
    char key[256];
    int number, ret;
    if (held->result_count == 0)
        ff_clipclap_clear_metadata(held->frame, s->options.key);
    if (box < 0) {
        ret = ff_clipclap_add_metadata(held->frame, s->options.key, result);
        return ret < 0 ? ret : ff_clipclap_classify_whole(held->frame, result);
    }
    number = held->boxes[box];
    snprintf(key, sizeof(key), "%s.box.%d", s->options.key, number);
    ret = ff_clipclap_add_metadata(held->frame, key, result);
    return ret < 0 ? ret : ff_clipclap_classify_box(held->frame, number, result);
}

/* 1 where a result came. */
static int collect_one(AVFilterContext *ctx, int wait)
{
    ClipclapVideo *s = ctx->priv;
    clipclap_result *result = NULL;
    const clipclap_status status = wait ? clipclap_session_wait(s->session, -1, &result)
                                        : clipclap_session_poll(s->session, &result);
    int ret;
    if (status == CLIPCLAP_AGAIN)
        return 0;
    if (status == CLIPCLAP_END) {
        av_log(ctx, AV_LOG_ERROR, "the library lost the result of a frame\n");
        return AVERROR_BUG;
    }
    if (status < 0) {
        ret = ff_clipclap_result_failed(ctx, &s->options, status,
                                        clipclap_session_error(s->session), &s->error_logged);
    } else {
        ret = attach(s, s->waiting, result);
        if (ret < 0)
            clipclap_result_free(result);
        else
            ret = ff_clipclap_held_add(s->waiting, result);
    }
    settle(s);
    return ret < 0 ? ret : 1;
}

static int collect(AVFilterContext *ctx, int wait)
{
    ClipclapVideo *s = ctx->priv;
    while (s->waiting) {
        const int ret = collect_one(ctx, wait && !s->flow.first->known);
        if (ret <= 0)
            return ret;
    }
    return 0;
}

/* Records are written as their frame goes on, so that what ends early holds what was passed. */
static int pass_on(AVFilterContext *ctx, ClipclapHeld *held)
{
    ClipclapVideo *s = ctx->priv;
    AVFrame *frame = held->frame;
    for (size_t i = 0; i < held->result_count; ++i) {
        const int ret = ff_clipclap_sink_add(ctx, &s->sink, held->results[i]);
        if (ret < 0)
            return ret;
    }
    held->frame = NULL;
    return ff_filter_frame(ctx->outputs[0], frame);
}

static int flush(AVFilterContext *ctx)
{
    ClipclapVideo *s = ctx->priv;
    const clipclap_status status = clipclap_session_flush(s->session);
    return status < 0 ? ff_clipclap_failed(ctx, status, clipclap_session_error(s->session)) : 0;
}

static int finish(AVFilterContext *ctx)
{
    ClipclapVideo *s = ctx->priv;
    return ff_clipclap_sink_finish(ctx, &s->sink);
}

static av_cold int init(AVFilterContext *ctx)
{
    ClipclapVideo *s = ctx->priv;
    s->options.silence_floor = -INFINITY;
    s->flow.limit = s->held_megabytes;
    s->flow.async = s->options.async;
    s->flow.take = take;
    s->flow.collect = collect;
    s->flow.send = pass_on;
    s->flow.flush = flush;
    s->flow.finish = finish;
    return parse_every(ctx, s->every, &s->sampler);
}

static av_cold void uninit(AVFilterContext *ctx)
{
    ClipclapVideo *s = ctx->priv;
    /* What ends before its input does has not come to its end yet. */
    if (s->sink.options)
        ff_clipclap_sink_finish(ctx, &s->sink);
    ff_clipclap_sink_free(&s->sink);
    ff_clipclap_flow_free(&s->flow);
    clipclap_session_free(s->session);
    ff_clipclap_model_free(&s->model);
}

/* Not before: ffmpeg also makes filters only to look at them. */
static int config_input(AVFilterLink *link)
{
    AVFilterContext *ctx = link->dst;
    ClipclapVideo *s = ctx->priv;
    int ret;
    if ((ret = refuse_hardware(ctx, link->format)) < 0 || s->session)
        return ret;
    if ((ret = ff_clipclap_model_open(ctx, &s->options, 1, &s->model)) < 0 ||
        (ret = ff_clipclap_session_open(ctx, &s->options, s->model, &s->session)) < 0)
        return ret;
    return ff_clipclap_sink_open(ctx, &s->sink, &s->options);
}

static int activate(AVFilterContext *ctx)
{
    ClipclapVideo *s = ctx->priv;
    return ff_clipclap_flow_activate(ctx, &s->flow);
}

static int process_command(AVFilterContext *ctx, const char *command, const char *value,
                           char *answer, int answer_size, int flags)
{
    ClipclapVideo *s = ctx->priv;
    const int ret = ff_clipclap_session_command(ctx, &s->options, s->session, command, value);
    return ret == AVERROR(ENOSYS) ? ff_clipclap_sink_command(ctx, &s->sink, command) : ret;
}

static const AVFilterPad clipclap_inputs[] = {
    {.name = "default", .type = AVMEDIA_TYPE_VIDEO, .config_props = config_input}};
static const AVFilterPad clipclap_outputs[] = {{.name = "default", .type = AVMEDIA_TYPE_VIDEO}};

const CLIPCLAP_FILTER ff_vf_clipclap = {
    CLIPCLAP_PUBLIC(name) = "clipclap",
    CLIPCLAP_PUBLIC(description) =
        NULL_IF_CONFIG_SMALL("Say what is seen in frames, in your own words."),
    CLIPCLAP_PUBLIC(priv_class) = &clipclap_class,
    CLIPCLAP_PUBLIC(flags) = AVFILTER_FLAG_METADATA_ONLY | AVFILTER_FLAG_SUPPORT_TIMELINE_INTERNAL,
    .priv_size = sizeof(ClipclapVideo),
    .init = init,
    .uninit = uninit,
    .activate = activate,
    .process_command = process_command,
    FILTER_INPUTS(clipclap_inputs),
    FILTER_OUTPUTS(clipclap_outputs),
};
