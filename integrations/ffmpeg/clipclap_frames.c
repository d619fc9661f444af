#include "clipclap_frames.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "libavutil/avstring.h"
#include "libavutil/bprint.h"
#include "libavutil/error.h"
#include "libavutil/mem.h"
#include "libavutil/pixdesc.h"

enum { NAME_SIZE = 256, SCORE_DIGITS = 9, TIME_DIGITS = 6 };

/* Of classifications' confidences. */
#define CONFIDENCE_UNITS 1000000

static const char *told(int value, int unspecified, const char *name)
{
    return value == unspecified ? NULL : name;
}

void ff_clipclap_picture_from_frame(const AVFrame *frame, clipclap_picture *picture)
{
    clipclap_picture_init(picture, sizeof(*picture));
    picture->width = frame->width;
    picture->height = frame->height;
    picture->pixel_format = av_get_pix_fmt_name(frame->format);
    for (int i = 0; i < 4; ++i) {
        picture->planes[i] = frame->data[i];
        picture->strides[i] = frame->linesize[i];
    }
    picture->color_matrix =
        told(frame->colorspace, AVCOL_SPC_UNSPECIFIED, av_color_space_name(frame->colorspace));
    picture->color_range =
        told(frame->color_range, AVCOL_RANGE_UNSPECIFIED, av_color_range_name(frame->color_range));
    picture->chroma_location = told(frame->chroma_location, AVCHROMA_LOC_UNSPECIFIED,
                                    av_chroma_location_name(frame->chroma_location));
    if (frame->sample_aspect_ratio.num > 0 && frame->sample_aspect_ratio.den > 0)
        picture->pixel_aspect = av_q2d(frame->sample_aspect_ratio);
}

static int is_in_list(const char *list, const char *name)
{
    const size_t length = strlen(name);
    for (const char *item = list; item;) {
        const char *end = strchr(item, '|');
        const size_t size = end ? (size_t)(end - item) : strlen(item);
        if ((size == 1 && *item == '*') ||
            (size == length && !av_strncasecmp(item, name, length)))
            return 1;
        item = end ? end + 1 : NULL;
    }
    return 0;
}

static const AVDetectionBBoxHeader *boxes_of(const AVFrame *frame)
{
    const AVFrameSideData *data =
        av_frame_get_side_data(frame, AV_FRAME_DATA_DETECTION_BBOXES);
    return data ? (const AVDetectionBBoxHeader *)data->data : NULL;
}

int ff_clipclap_choose_boxes(const AVFrame *frame, const char *target, clipclap_box **boxes,
                             int **numbers, size_t *count)
{
    const AVDetectionBBoxHeader *header = boxes_of(frame);
    *boxes = NULL;
    *numbers = NULL;
    *count = 0;
    if (!header || header->nb_bboxes == 0)
        return 0;
    *boxes = av_calloc(header->nb_bboxes, sizeof(**boxes));
    *numbers = av_calloc(header->nb_bboxes, sizeof(**numbers));
    if (!*boxes || !*numbers) {
        av_freep(boxes);
        av_freep(numbers);
        return AVERROR(ENOMEM);
    }
    for (uint32_t i = 0; i < header->nb_bboxes; ++i) {
        const AVDetectionBBox *box = av_get_detection_bbox(header, i);
        if (!is_in_list(target, box->detect_label))
            continue;
        (*boxes)[*count] = (clipclap_box){box->x, box->y, box->w, box->h};
        (*numbers)[(*count)++] = (int)i;
    }
    return 0;
}

/* Fixed point by whole numbers: what printf makes of fractions depends on the locale. */
static void format_number(char *text, size_t size, double number, int digits)
{
    int64_t units = 1, value;
    for (int i = 0; i < digits; ++i)
        units *= 10;
    value = llrint(fabs(number) * (double)units);
    snprintf(text, size, "%s%" PRId64 ".%0*" PRId64, number < 0 && value ? "-" : "", value / units,
             digits, value % units);
}

static int set(AVFrame *frame, const char *key, const char *name, const char *value)
{
    char full[2 * NAME_SIZE];
    snprintf(full, sizeof(full), "%s.%s", key, name);
    return av_dict_set(&frame->metadata, full, value, 0);
}

static int set_number(AVFrame *frame, const char *key, const char *name, double number, int digits)
{
    char text[64];
    format_number(text, sizeof(text), number, digits);
    return set(frame, key, name, text);
}

/* So that lists of keys and values stay one a line. */
static int set_escaped(AVFrame *frame, const char *key, const char *name, const char *value)
{
    char *text = NULL;
    int ret;
    AVBPrint escaped;
    av_bprint_init(&escaped, 0, AV_BPRINT_SIZE_UNLIMITED);
    for (const char *at = value; *at; ++at) {
        switch (*at) {
        case '\\': av_bprintf(&escaped, "\\\\"); break;
        case '\n': av_bprintf(&escaped, "\\n"); break;
        case '\r': av_bprintf(&escaped, "\\r"); break;
        case '\t': av_bprintf(&escaped, "\\t"); break;
        default:
            if ((unsigned char)*at < 0x20)
                av_bprintf(&escaped, "\\x%02X", (unsigned char)*at);
            else
                av_bprint_chars(&escaped, *at, 1);
        }
    }
    if ((ret = av_bprint_finalize(&escaped, &text)) < 0)
        return ret;
    ret = set(frame, key, name, text);
    av_free(text);
    return ret;
}

static int add_label(AVFrame *frame, const char *key, const clipclap_result *result, size_t index)
{
    const char *unit = clipclap_result_unit(result, index);
    char place[NAME_SIZE];
    int ret;
    snprintf(place, sizeof(place), "%s.%zu", key, index);
    if ((ret = set_escaped(frame, place, "label", clipclap_result_label(result, index))) < 0 ||
        (ret = set_number(frame, place, "score", clipclap_result_score(result, index),
                          SCORE_DIGITS)) < 0 ||
        (ret = set_number(frame, place, "similarity", clipclap_result_similarity(result, index),
                          SCORE_DIGITS)) < 0)
        return ret;
    return unit && *unit ? set_escaped(frame, place, "unit", unit) : 0;
}

int ff_clipclap_add_metadata(AVFrame *frame, const char *key, const clipclap_result *result)
{
    const size_t count = clipclap_result_label_count(result);
    char text[32];
    int ret;
    snprintf(text, sizeof(text), "%zu", count);
    ret = set(frame, key, "count", text);
    for (size_t i = 0; i < count && ret >= 0; ++i)
        ret = add_label(frame, key, result, i);
    return ret;
}

int ff_clipclap_add_time(AVFrame *frame, const char *key, const char *name, double seconds)
{
    return set_number(frame, key, name, seconds, TIME_DIGITS);
}

void ff_clipclap_clear_metadata(AVFrame *frame, const char *key)
{
    char prefix[NAME_SIZE];
    const AVDictionaryEntry *entry;
    snprintf(prefix, sizeof(prefix), "%s.", key);
    while ((entry = av_dict_get(frame->metadata, prefix, NULL, AV_DICT_IGNORE_SUFFIX)))
        av_dict_set(&frame->metadata, entry->key, NULL, 0);
}

/* At most `size` - 1 bytes, and no half of a character. */
static void copy_label(char *place, size_t size, const char *label)
{
    size_t length = strlen(label);
    if (length > size - 1) {
        length = size - 1;
        while (length > 0 && ((unsigned char)label[length] & 0xC0) == 0x80)
            --length;
    }
    memcpy(place, label, length);
    place[length] = 0;
}

static void add_classifications(AVDetectionBBox *box, const clipclap_result *result)
{
    const size_t count = clipclap_result_label_count(result);
    for (size_t i = 0; i < count && box->classify_count < AV_NUM_DETECTION_BBOX_CLASSIFY; ++i) {
        const uint32_t slot = box->classify_count++;
        const double score = clipclap_result_score(result, i);
        copy_label(box->classify_labels[slot], sizeof(box->classify_labels[slot]),
                   clipclap_result_label(result, i));
        box->classify_confidences[slot] =
            av_make_q((int)lrint(score * CONFIDENCE_UNITS), CONFIDENCE_UNITS);
    }
}

static int make_side_data_writable(AVFrameSideData *data)
{
    AVBufferRef *copy;
    if (av_buffer_is_writable(data->buf))
        return 0;
    if (!(copy = av_buffer_alloc(data->size)))
        return AVERROR(ENOMEM);
    memcpy(copy->data, data->data, data->size);
    av_buffer_unref(&data->buf);
    data->buf = copy;
    data->data = copy->data;
    return 0;
}

int ff_clipclap_classify_box(AVFrame *frame, int number, const clipclap_result *result)
{
    AVFrameSideData *data = av_frame_get_side_data(frame, AV_FRAME_DATA_DETECTION_BBOXES);
    int ret = make_side_data_writable(data);
    if (ret < 0)
        return ret;
    add_classifications(av_get_detection_bbox((AVDetectionBBoxHeader *)data->data, number), result);
    return 0;
}

int ff_clipclap_classify_whole(AVFrame *frame, const clipclap_result *result)
{
    AVDetectionBBoxHeader *header;
    AVDetectionBBox *box;
    if (boxes_of(frame))
        return 0;
    if (!(header = av_detection_bbox_create_side_data(frame, 1)))
        return AVERROR(ENOMEM);
    av_strlcpy(header->source, "clipclap", sizeof(header->source));
    box = av_get_detection_bbox(header, 0);
    memset(box, 0, header->bbox_size);
    box->w = frame->width;
    box->h = frame->height;
    box->detect_confidence = av_make_q(0, 1);
    add_classifications(box, result);
    return 0;
}
