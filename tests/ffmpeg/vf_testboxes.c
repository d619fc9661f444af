/* A stand-in for a detector: the boxes that the test asks for, in one buffer that all frames share.
 * Built into the tests' ffmpeg only. */
#include <stdio.h>

#include "libavutil/avstring.h"
#include "libavutil/detection_bbox.h"
#include "libavutil/error.h"
#include "libavutil/mem.h"
#include "libavutil/opt.h"

#include "clipclap_compat.h"

typedef struct TestBoxes {
    const AVClass *class;
    char *boxes;
    AVFrame *carrier;
} TestBoxes;

#define FLAGS (AV_OPT_FLAG_VIDEO_PARAM | AV_OPT_FLAG_FILTERING_PARAM)
static const AVOption testboxes_options[] = {
    {"boxes", "label/x/y/w/h, '|' between them", offsetof(TestBoxes, boxes), AV_OPT_TYPE_STRING,
     {.str = ""}, 0, 0, FLAGS},
    {NULL}};

AVFILTER_DEFINE_CLASS(testboxes);

static int parse_box(const char *text, AVDetectionBBox *box)
{
    if (sscanf(text, "%63[^/]/%d/%d/%d/%d", box->detect_label, &box->x, &box->y, &box->w, &box->h) !=
        5)
        return AVERROR(EINVAL);
    box->detect_confidence = av_make_q(3, 4);
    box->classify_count = 0;
    return 0;
}

static av_cold int init(AVFilterContext *ctx)
{
    TestBoxes *s = ctx->priv;
    AVDetectionBBoxHeader *header;
    char *rest = NULL, *text = s->boxes;
    uint32_t count = 1;
    for (const char *at = s->boxes; *at; ++at)
        count += *at == '|';
    if (!(s->carrier = av_frame_alloc()) ||
        !(header = av_detection_bbox_create_side_data(s->carrier, count)))
        return AVERROR(ENOMEM);
    av_strlcpy(header->source, "testboxes", sizeof(header->source));
    for (uint32_t i = 0; i < count; ++i, text = NULL) {
        const char *part = av_strtok(text, "|", &rest);
        int ret = part ? parse_box(part, av_get_detection_bbox(header, i)) : AVERROR(EINVAL);
        if (ret < 0)
            return ret;
    }
    return 0;
}

static av_cold void uninit(AVFilterContext *ctx)
{
    TestBoxes *s = ctx->priv;
    av_frame_free(&s->carrier);
}

static int filter_frame(AVFilterLink *link, AVFrame *frame)
{
    TestBoxes *s = link->dst->priv;
    AVFrameSideData *data = av_frame_get_side_data(s->carrier, AV_FRAME_DATA_DETECTION_BBOXES);
    AVBufferRef *shared = av_buffer_ref(data->buf);
    if (!shared ||
        !av_frame_new_side_data_from_buf(frame, AV_FRAME_DATA_DETECTION_BBOXES, shared)) {
        av_buffer_unref(&shared);
        av_frame_free(&frame);
        return AVERROR(ENOMEM);
    }
    return ff_filter_frame(link->dst->outputs[0], frame);
}

static const AVFilterPad testboxes_inputs[] = {
    {.name = "default", .type = AVMEDIA_TYPE_VIDEO, .filter_frame = filter_frame}};
static const AVFilterPad testboxes_outputs[] = {{.name = "default", .type = AVMEDIA_TYPE_VIDEO}};

const CLIPCLAP_FILTER ff_vf_testboxes = {
    CLIPCLAP_PUBLIC(name) = "testboxes",
    CLIPCLAP_PUBLIC(description) = NULL_IF_CONFIG_SMALL("Put boxes on frames, for tests."),
    CLIPCLAP_PUBLIC(priv_class) = &testboxes_class,
    CLIPCLAP_PUBLIC(flags) = AVFILTER_FLAG_METADATA_ONLY | AVFILTER_FLAG_SUPPORT_TIMELINE_GENERIC,
    .priv_size = sizeof(TestBoxes),
    .init = init,
    .uninit = uninit,
    FILTER_INPUTS(testboxes_inputs),
    FILTER_OUTPUTS(testboxes_outputs),
};
