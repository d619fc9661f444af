/* What differs between FFmpeg 5.1 and 9.0 in what the filters use, and nothing else. */
#ifndef AVFILTER_CLIPCLAP_COMPAT_H
#define AVFILTER_CLIPCLAP_COMPAT_H

#include "libavutil/internal.h"
#include "libavutil/version.h"

#include "avfilter.h"
#include "filters.h"
#include "formats.h"
#include "version.h"
#include "video.h"
#if LIBAVFILTER_VERSION_INT < AV_VERSION_INT(10, 4, 100) /* 7.0 and before */
#include "internal.h"
#endif

/* 8.0 and later wrap the public part of a filter. */
#if LIBAVFILTER_VERSION_MAJOR >= 11
#define CLIPCLAP_FILTER FFFilter
#define CLIPCLAP_PUBLIC(member) .p.member
#else
#define CLIPCLAP_FILTER AVFilter
#define CLIPCLAP_PUBLIC(member) .member
#endif

/* 7.1 and later keep rates apart from the link, and negotiate formats by lists that are passed in. */
#if LIBAVFILTER_VERSION_INT >= AV_VERSION_INT(10, 4, 100)
#define CLIPCLAP_FRAME_RATE(link) (ff_filter_link(link)->frame_rate)
#define CLIPCLAP_QUERY_ARGUMENTS \
    const AVFilterContext *ctx, AVFilterFormatsConfig **formats_in, \
        AVFilterFormatsConfig **formats_out
#define CLIPCLAP_QUERY(function) FILTER_QUERY_FUNC2(function)
#define CLIPCLAP_SET_FORMATS(list) \
    ff_set_common_formats_from_list2(ctx, formats_in, formats_out, (const int *)(list))
#define CLIPCLAP_INPUT_FORMATS (&formats_in[0]->formats)
#define CLIPCLAP_OUTPUT_FORMATS (&formats_out[0]->formats)
#else
#define CLIPCLAP_FRAME_RATE(link) ((link)->frame_rate)
#define CLIPCLAP_QUERY_ARGUMENTS AVFilterContext *ctx
#define CLIPCLAP_QUERY(function) FILTER_QUERY_FUNC(function)
#define CLIPCLAP_SET_FORMATS(list) ff_set_common_formats_from_list(ctx, (const int *)(list))
#define CLIPCLAP_INPUT_FORMATS (&ctx->inputs[0]->outcfg.formats)
#define CLIPCLAP_OUTPUT_FORMATS (&ctx->outputs[0]->incfg.formats)
#endif

/* In units of the link's time base; 0 where it is not known. */
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 2, 100)
#define CLIPCLAP_DURATION(frame) ((frame)->duration)
#else
#define CLIPCLAP_DURATION(frame) ((frame)->pkt_duration)
#endif

#ifndef AVFILTER_FLAG_METADATA_ONLY
#define AVFILTER_FLAG_METADATA_ONLY 0
#endif

#endif /* AVFILTER_CLIPCLAP_COMPAT_H */
