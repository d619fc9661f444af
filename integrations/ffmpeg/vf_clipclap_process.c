/* Puts pictures through a TorchScript model that makes pictures of them. */
#include <limits.h>
#include <math.h>
#include <string.h>

#include "libavutil/error.h"
#include "libavutil/imgutils.h"
#include "libavutil/log.h"
#include "libavutil/mem.h"
#include "libavutil/opt.h"
#include "libavutil/pixdesc.h"

#include <clipclap/clipclap.h>

#include "clipclap_common.h"
#include "clipclap_compat.h"
#include "clipclap_flow.h"

enum { MESSAGE_SIZE = 2048, MAX_CHANNELS = 3 };

/* One plane of floats for each channel, as the library takes and gives them. */
typedef struct Planes {
    float *data[MAX_CHANNELS];
    ptrdiff_t strides[MAX_CHANNELS];
    int width, height;
} Planes;

typedef struct ClipclapProcess {
    const AVClass *class;
    char *model, *device;
    int threads, batch, nireq, multiple;
    double held_megabytes;

    clipclap_processor *processor;
    int channels, output_channels;
    Planes in, out;
    ClipclapFlow flow;
} ClipclapProcess;

#define FLAGS (AV_OPT_FLAG_VIDEO_PARAM | AV_OPT_FLAG_FILTERING_PARAM)
#define OWN(member) offsetof(ClipclapProcess, member)

static const AVOption clipclap_process_options[] = {
    {"model", "TorchScript file", OWN(model), AV_OPT_TYPE_STRING, {.str = NULL}, 0, 0, FLAGS},
    {"device", "where it computes", OWN(device), AV_OPT_TYPE_STRING, {.str = "cpu"}, 0, 0, FLAGS},
    {"threads", "0 for every core", OWN(threads), AV_OPT_TYPE_INT, {.i64 = 0}, 0, 1024, FLAGS},
    {"batch", "pictures at once, 0 for automatic", OWN(batch), AV_OPT_TYPE_INT, {.i64 = 0}, 0, 4096,
     FLAGS},
    {"nireq", "batches under way, 0 for automatic", OWN(nireq), AV_OPT_TYPE_INT, {.i64 = 0}, 0,
     4096, FLAGS},
    {"multiple", "that sides are padded to, 0 to find it by trying", OWN(multiple),
     AV_OPT_TYPE_INT, {.i64 = 0}, 0, 4096, FLAGS},
    {"held_megabytes", "of frames that may wait for their results", OWN(held_megabytes),
     AV_OPT_TYPE_DOUBLE, {.dbl = 256}, 0, 1e6, FLAGS},
    {NULL}};

AVFILTER_DEFINE_CLASS(clipclap_process);

static const enum AVPixelFormat grey_formats[] = {
    AV_PIX_FMT_GRAYF32, AV_PIX_FMT_GRAY8,  AV_PIX_FMT_GRAY10, AV_PIX_FMT_GRAY12,
    AV_PIX_FMT_GRAY14,  AV_PIX_FMT_GRAY16, AV_PIX_FMT_NONE};
static const enum AVPixelFormat rgb_formats[] = {
    AV_PIX_FMT_GBRPF32, AV_PIX_FMT_GBRP,   AV_PIX_FMT_RGB24,  AV_PIX_FMT_GBRP10,
    AV_PIX_FMT_GBRP12,  AV_PIX_FMT_GBRP14, AV_PIX_FMT_GBRP16, AV_PIX_FMT_NONE};

/* Not at init: ffmpeg also makes filters only to look at them. */
static int open_processor(const AVFilterContext *ctx)
{
    ClipclapProcess *s = ctx->priv;
    char message[MESSAGE_SIZE] = "";
    clipclap_processor_options options;
    clipclap_status status;
    if (s->processor)
        return 0;
    clipclap_processor_options_init(&options, sizeof(options));
    options.model = s->model;
    options.device = s->device;
    options.threads = s->threads;
    options.batch = s->batch;
    options.batches_in_flight = s->nireq;
    options.multiple = s->multiple;
    status = clipclap_processor_open(&options, &s->processor, message, sizeof(message));
    if (status < 0)
        return ff_clipclap_failed(ctx, status, message);
    s->channels = clipclap_processor_channels(s->processor);
    s->output_channels = clipclap_processor_output_channels(s->processor);
    return 0;
}

static const enum AVPixelFormat *formats_of(int channels)
{
    return channels == 1 ? grey_formats : rgb_formats;
}

static AVFilterFormats *list_of(int channels)
{
    return ff_make_format_list((const int *)formats_of(channels));
}

static int query_formats(CLIPCLAP_QUERY_ARGUMENTS)
{
    const ClipclapProcess *s = ctx->priv;
    int ret = open_processor(ctx);
    if (ret < 0)
        return ret;
    if (s->channels == s->output_channels)
        return CLIPCLAP_SET_FORMATS(formats_of(s->channels));
    if ((ret = ff_formats_ref(list_of(s->channels), CLIPCLAP_INPUT_FORMATS)) < 0)
        return ret;
    return ff_formats_ref(list_of(s->output_channels), CLIPCLAP_OUTPUT_FORMATS);
}

static void free_planes(Planes *planes)
{
    for (int i = 0; i < MAX_CHANNELS; ++i)
        av_freep(&planes->data[i]);
}

static int make_planes(Planes *planes, int channels, int width, int height)
{
    free_planes(planes);
    planes->width = width;
    planes->height = height;
    for (int i = 0; i < channels; ++i) {
        planes->strides[i] = (ptrdiff_t)width * sizeof(float);
        planes->data[i] = av_malloc_array((size_t)width * height, sizeof(float));
        if (!planes->data[i])
            return AVERROR(ENOMEM);
    }
    return 0;
}

/* Samples of `depth` bits are `largest` where a float is 1. */
#define DEFINE_LOAD_AND_STORE(name, type)                                                      \
    static void load_##name(float *to, const uint8_t *from, int step, int count, int largest)  \
    {                                                                                          \
        for (int x = 0; x < count; ++x)                                                        \
            to[x] = (float)*(const type *)(from + (ptrdiff_t)x * step) / (float)largest;       \
    }                                                                                          \
    static void store_##name(uint8_t *to, const float *from, int step, int count, int largest) \
    {                                                                                          \
        for (int x = 0; x < count; ++x) {                                                      \
            /* What is no number becomes black. */                                             \
            const float value = from[x] > 0 ? fminf(from[x], 1) : 0;                           \
            *(type *)(to + (ptrdiff_t)x * step) = (type)lrintf(value * (float)largest);        \
        }                                                                                      \
    }
DEFINE_LOAD_AND_STORE(bytes, uint8_t)
DEFINE_LOAD_AND_STORE(words, uint16_t)

typedef struct Component {
    uint8_t *data;
    ptrdiff_t stride;
    int step, largest, is_float;
} Component;

static Component component_of(const AVFrame *frame, int channel)
{
    const AVPixFmtDescriptor *format = av_pix_fmt_desc_get(frame->format);
    const AVComponentDescriptor *component = &format->comp[channel];
    return (Component){
        .data = frame->data[component->plane] + component->offset,
        .stride = frame->linesize[component->plane],
        .step = component->step,
        .largest = (int)((1U << FFMIN(component->depth, 16)) - 1),
        .is_float = !!(format->flags & AV_PIX_FMT_FLAG_FLOAT),
    };
}

static void load_frame(Planes *planes, const AVFrame *frame, int channels)
{
    for (int i = 0; i < channels; ++i) {
        const Component from = component_of(frame, i);
        for (int y = 0; y < planes->height; ++y) {
            const uint8_t *row = from.data + y * from.stride;
            float *to = planes->data[i] + (size_t)y * planes->width;
            if (from.is_float)
                memcpy(to, row, planes->width * sizeof(*to));
            else if (from.largest > UINT8_MAX)
                load_words(to, row, from.step, planes->width, from.largest);
            else
                load_bytes(to, row, from.step, planes->width, from.largest);
        }
    }
}

static void store_frame(AVFrame *frame, const Planes *planes, int channels)
{
    for (int i = 0; i < channels; ++i) {
        const Component to = component_of(frame, i);
        for (int y = 0; y < planes->height; ++y) {
            const float *from = planes->data[i] + (size_t)y * planes->width;
            uint8_t *row = to.data + y * to.stride;
            if (to.is_float)
                memcpy(row, from, planes->width * sizeof(*from));
            else if (to.largest > UINT8_MAX)
                store_words(row, from, to.step, planes->width, to.largest);
            else
                store_bytes(row, from, to.step, planes->width, to.largest);
        }
    }
}

static int failed(AVFilterContext *ctx, clipclap_status status)
{
    const ClipclapProcess *s = ctx->priv;
    return ff_clipclap_failed(ctx, status, clipclap_processor_error(s->processor));
}

static int take(AVFilterContext *ctx, AVFrame *frame)
{
    ClipclapProcess *s = ctx->priv;
    const int size = av_image_get_buffer_size(frame->format, frame->width, frame->height, 1);
    ClipclapHeld *held = ff_clipclap_flow_hold(&s->flow, frame, size > 0 ? size * 1e-6 : 0);
    clipclap_status status;
    if (!held)
        return AVERROR(ENOMEM);
    if (frame->width != s->in.width || frame->height != s->in.height) {
        av_log(ctx, AV_LOG_ERROR, "frames change from %dx%d to %dx%d: scale them before\n",
               s->in.width, s->in.height, frame->width, frame->height);
        return AVERROR(EINVAL);
    }
    load_frame(&s->in, frame, s->channels);
    status = clipclap_processor_push(s->processor, (const float *const *)s->in.data, s->in.strides,
                                     s->in.width, s->in.height);
    return status < 0 ? failed(ctx, status) : 0;
}

/* What depends on where things are in the picture goes where its size changes. */
static void drop_places(AVFrame *frame)
{
    av_frame_remove_side_data(frame, AV_FRAME_DATA_DETECTION_BBOXES);
    av_frame_remove_side_data(frame, AV_FRAME_DATA_REGIONS_OF_INTEREST);
    av_frame_remove_side_data(frame, AV_FRAME_DATA_MOTION_VECTORS);
    av_frame_remove_side_data(frame, AV_FRAME_DATA_PANSCAN);
    frame->crop_left = frame->crop_right = frame->crop_top = frame->crop_bottom = 0;
}

/* The planes in `out` take the held frame's place. */
static int replace(AVFilterContext *ctx, ClipclapHeld *held)
{
    ClipclapProcess *s = ctx->priv;
    AVFilterLink *link = ctx->outputs[0];
    AVFrame *made = ff_get_video_buffer(link, link->w, link->h);
    int ret;
    if (!made)
        return AVERROR(ENOMEM);
    if ((ret = av_frame_copy_props(made, held->frame)) < 0) {
        av_frame_free(&made);
        return ret;
    }
    made->sample_aspect_ratio = link->sample_aspect_ratio;
    if (link->w != s->in.width || link->h != s->in.height)
        drop_places(made);
    if (s->channels != s->output_channels) {
        made->colorspace = s->output_channels == 1 ? AVCOL_SPC_UNSPECIFIED : AVCOL_SPC_RGB;
        made->color_range = AVCOL_RANGE_JPEG;
    }
    store_frame(made, &s->out, s->output_channels);
    av_frame_free(&held->frame);
    held->frame = made;
    held->known = 1;
    return 0;
}

static int collect(AVFilterContext *ctx, int wait)
{
    ClipclapProcess *s = ctx->priv;
    for (ClipclapHeld *held = s->flow.first; held; held = held->next) {
        clipclap_status status;
        int ret;
        if (held->known)
            continue;
        status = wait && held == s->flow.first
                     ? clipclap_processor_wait(s->processor, -1, s->out.data, s->out.strides)
                     : clipclap_processor_poll(s->processor, s->out.data, s->out.strides);
        if (status == CLIPCLAP_AGAIN)
            return 0;
        if (status == CLIPCLAP_END) {
            av_log(ctx, AV_LOG_ERROR, "the library lost the result of a frame\n");
            return AVERROR_BUG;
        }
        if (status < 0)
            return failed(ctx, status);
        if ((ret = replace(ctx, held)) < 0)
            return ret;
    }
    return 0;
}

static int pass_on(AVFilterContext *ctx, ClipclapHeld *held)
{
    AVFrame *frame = held->frame;
    held->frame = NULL;
    return ff_filter_frame(ctx->outputs[0], frame);
}

static int flush(AVFilterContext *ctx)
{
    ClipclapProcess *s = ctx->priv;
    const clipclap_status status = clipclap_processor_flush(s->processor);
    return status < 0 ? failed(ctx, status) : 0;
}

static int finish(AVFilterContext *ctx)
{
    return 0;
}

static av_cold int init(AVFilterContext *ctx)
{
    ClipclapProcess *s = ctx->priv;
    if (!s->model) {
        av_log(ctx, AV_LOG_ERROR, "model is missing: name a TorchScript file with model=FILE\n");
        return AVERROR(EINVAL);
    }
    s->flow.limit = s->held_megabytes;
    s->flow.async = 1;
    s->flow.take = take;
    s->flow.collect = collect;
    s->flow.send = pass_on;
    s->flow.flush = flush;
    s->flow.finish = finish;
    return 0;
}

static av_cold void uninit(AVFilterContext *ctx)
{
    ClipclapProcess *s = ctx->priv;
    ff_clipclap_flow_free(&s->flow);
    clipclap_processor_free(s->processor);
    free_planes(&s->in);
    free_planes(&s->out);
}

static int config_output(AVFilterLink *out)
{
    AVFilterContext *ctx = out->src;
    const AVFilterLink *in = ctx->inputs[0];
    ClipclapProcess *s = ctx->priv;
    int ret;
    const clipclap_status status =
        clipclap_processor_output_size(s->processor, in->w, in->h, &out->w, &out->h);
    if (status < 0)
        return failed(ctx, status);
    /* The picture keeps its shape on the screen. */
    if (in->sample_aspect_ratio.num > 0)
        out->sample_aspect_ratio =
            av_mul_q(in->sample_aspect_ratio,
                     av_div_q(av_make_q(in->w, in->h), av_make_q(out->w, out->h)));
    if ((ret = make_planes(&s->in, s->channels, in->w, in->h)) < 0)
        return ret;
    return make_planes(&s->out, s->output_channels, out->w, out->h);
}

static int activate(AVFilterContext *ctx)
{
    ClipclapProcess *s = ctx->priv;
    return ff_clipclap_flow_activate(ctx, &s->flow);
}

static const AVFilterPad clipclap_process_inputs[] = {
    {.name = "default", .type = AVMEDIA_TYPE_VIDEO}};
static const AVFilterPad clipclap_process_outputs[] = {
    {.name = "default", .type = AVMEDIA_TYPE_VIDEO, .config_props = config_output}};

const CLIPCLAP_FILTER ff_vf_clipclap_process = {
    CLIPCLAP_PUBLIC(name) = "clipclap_process",
    CLIPCLAP_PUBLIC(description) =
        NULL_IF_CONFIG_SMALL("Put frames through a TorchScript model that makes pictures."),
    CLIPCLAP_PUBLIC(priv_class) = &clipclap_process_class,
    .priv_size = sizeof(ClipclapProcess),
    .init = init,
    .uninit = uninit,
    .activate = activate,
    FILTER_INPUTS(clipclap_process_inputs),
    FILTER_OUTPUTS(clipclap_process_outputs),
    CLIPCLAP_QUERY(query_formats),
};
