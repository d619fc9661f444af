#include "clipclap_flow.h"

#include "libavutil/error.h"
#include "libavutil/mem.h"

#include "clipclap_compat.h"

ClipclapHeld *ff_clipclap_flow_hold(ClipclapFlow *flow, AVFrame *frame, double weight)
{
    ClipclapHeld *held = av_mallocz(sizeof(*held));
    if (!held) {
        av_frame_free(&frame);
        return NULL;
    }
    held->frame = frame;
    held->weight = weight;
    if (flow->last)
        flow->last->next = held;
    else
        flow->first = held;
    flow->last = held;
    flow->weight += weight;
    return held;
}

int ff_clipclap_held_add(ClipclapHeld *held, clipclap_result *result)
{
    clipclap_result **results =
        av_realloc_array(held->results, held->result_count + 1, sizeof(*results));
    if (!results) {
        clipclap_result_free(result);
        return AVERROR(ENOMEM);
    }
    held->results = results;
    held->results[held->result_count++] = result;
    return 0;
}

static ClipclapHeld *take_first(ClipclapFlow *flow)
{
    ClipclapHeld *held = flow->first;
    flow->first = held->next;
    if (!flow->first)
        flow->last = NULL;
    /* Sums of fractions drift; nothing weighs nothing. */
    flow->weight = flow->first ? flow->weight - held->weight : 0;
    return held;
}

static void free_held(ClipclapHeld *held)
{
    for (size_t i = 0; i < held->result_count; ++i)
        clipclap_result_free(held->results[i]);
    av_freep(&held->results);
    av_freep(&held->boxes);
    av_frame_free(&held->frame);
    av_free(held);
}

void ff_clipclap_flow_free(ClipclapFlow *flow)
{
    while (flow->first)
        free_held(take_first(flow));
}

static int send_first(AVFilterContext *ctx, ClipclapFlow *flow)
{
    ClipclapHeld *held = take_first(flow);
    int ret = flow->send(ctx, held);
    free_held(held);
    /* There may be more that is known. */
    ff_filter_set_ready(ctx, 100);
    return ret;
}

/* 1 where something was taken. */
static int take_next(AVFilterContext *ctx, ClipclapFlow *flow)
{
    AVFilterLink *in = ctx->inputs[0];
    AVFrame *frame = NULL;
    int ret = ff_inlink_consume_frame(in, &frame);
    if (ret < 0)
        return ret;
    if (ret > 0) {
        ret = flow->take(ctx, frame);
        return ret < 0 ? ret : 1;
    }
    if (ff_inlink_acknowledge_status(in, &flow->status, &flow->status_pts)) {
        flow->ended = 1;
        ret = flow->flush(ctx);
        return ret < 0 ? ret : 1;
    }
    return 0;
}

/* As soon as there is nothing left: FFmpeg's sinks other than buffers take an end that answers a
 * request for the lack of an answer. */
static int end_if_done(AVFilterContext *ctx, ClipclapFlow *flow)
{
    int ret;
    if (!flow->ended || flow->first || flow->finished)
        return 0;
    flow->finished = 1;
    ret = flow->finish(ctx);
    ff_outlink_set_status(ctx->outputs[0], ret < 0 ? ret : flow->status, flow->status_pts);
    return ret;
}

static int may_take(const ClipclapFlow *flow)
{
    if (flow->ended)
        return 0;
    if (!flow->first || (flow->looks_ahead && flow->first == flow->last))
        return 1;
    return flow->async && flow->weight <= flow->limit;
}

int ff_clipclap_flow_activate(AVFilterContext *ctx, ClipclapFlow *flow)
{
    AVFilterLink *in = ctx->inputs[0];
    AVFilterLink *out = ctx->outputs[0];
    int ret;

    FF_FILTER_FORWARD_STATUS_BACK(out, in);

    if ((ret = flow->collect(ctx, 0)) < 0)
        return ret;
    if (flow->first && flow->first->known) {
        if (!ff_outlink_frame_wanted(out))
            return FFERROR_NOT_READY;
        ret = send_first(ctx, flow);
        return ret < 0 ? ret : end_if_done(ctx, flow);
    }

    if (may_take(flow)) {
        if ((ret = take_next(ctx, flow)) < 0)
            return ret;
        if (ret > 0) {
            ff_filter_set_ready(ctx, 100);
            return end_if_done(ctx, flow);
        }
    } else if (flow->first) {
        if ((ret = flow->collect(ctx, 1)) < 0)
            return ret;
        ff_filter_set_ready(ctx, 100);
        return 0;
    }

    FF_FILTER_FORWARD_WANTED(out, in);
    return FFERROR_NOT_READY;
}
