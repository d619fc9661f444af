/* Frames that wait for what is being found out about them, and pass in order. */
#ifndef AVFILTER_CLIPCLAP_FLOW_H
#define AVFILTER_CLIPCLAP_FLOW_H

#include <stddef.h>
#include <stdint.h>

#include "libavutil/frame.h"

#include <clipclap/clipclap.h>

#include "avfilter.h"

typedef struct ClipclapHeld {
    struct ClipclapHeld *next;
    AVFrame *frame;
    /* Nothing is outstanding: it may pass. */
    int known;
    /* What it counts towards the limit. */
    double weight;
    uint64_t id;
    double end_seconds;
    /* Results that are still to come, and those that are there, in order. */
    size_t due;
    clipclap_result **results;
    size_t result_count;
    /* Of each box that was pushed, its number on the frame; NULL where the whole was. */
    int *boxes;
} ClipclapHeld;

typedef struct ClipclapFlow {
    ClipclapHeld *first;
    ClipclapHeld *last;
    double weight;
    /* Where the frames that wait weigh more, the first is waited for. */
    double limit;
    /* 0: each frame is waited for. */
    int async;
    /* A frame cannot be known before the next one, or the end, is there. */
    int looks_ahead;
    int ended;
    int finished;
    int status;
    int64_t status_pts;

    /* Each returns 0 or an AVERROR. */
    /* Takes the frame over, whatever it returns; ff_clipclap_flow_hold() puts it at the end. */
    int (*take)(AVFilterContext *ctx, AVFrame *frame);
    /* Marks those that are known by now; with `wait`, at least the first will be. */
    int (*collect)(AVFilterContext *ctx, int wait);
    /* Takes the frame out of `held` and sends it on. */
    int (*send)(AVFilterContext *ctx, ClipclapHeld *held);
    /* No frame follows. */
    int (*flush)(AVFilterContext *ctx);
    /* All frames have been sent on. */
    int (*finish)(AVFilterContext *ctx);
} ClipclapFlow;

int ff_clipclap_flow_activate(AVFilterContext *ctx, ClipclapFlow *flow);
/* Takes the frame over; on failure, NULL, frees it. */
ClipclapHeld *ff_clipclap_flow_hold(ClipclapFlow *flow, AVFrame *frame, double weight);
/* Takes the result over, also on failure. */
int ff_clipclap_held_add(ClipclapHeld *held, clipclap_result *result);
/* Drops what waits. */
void ff_clipclap_flow_free(ClipclapFlow *flow);

#endif /* AVFILTER_CLIPCLAP_FLOW_H */
