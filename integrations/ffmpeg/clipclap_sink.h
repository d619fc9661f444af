/* Where results go beside the frames: a text, a line each, and averages over the stream. */
#ifndef AVFILTER_CLIPCLAP_SINK_H
#define AVFILTER_CLIPCLAP_SINK_H

#include "libavformat/avio.h"

#include "clipclap_common.h"

typedef struct ClipclapSink {
    const ClipclapOptions *options;
    AVIOContext *file;
    clipclap_writer *writer;
    clipclap_summary *summary;
    /* "csv" or "json". */
    const char *summary_format;
    /* The summary knows what its file does not. */
    int unwritten;
} ClipclapSink;

/* All but free() return 0 or an AVERROR, and log what goes wrong. `options` must outlive the sink. */
int ff_clipclap_sink_open(AVFilterContext *ctx, ClipclapSink *sink, const ClipclapOptions *options);
/* Whole lines, flushed. */
int ff_clipclap_sink_add(AVFilterContext *ctx, ClipclapSink *sink, const clipclap_result *result);
/* Ends the text and writes the summary. Once; later calls do nothing. */
int ff_clipclap_sink_finish(AVFilterContext *ctx, ClipclapSink *sink);
/* Commands at run time: "writeinfo" and "flush"; AVERROR(ENOSYS) for others. */
int ff_clipclap_sink_command(AVFilterContext *ctx, ClipclapSink *sink, const char *command);
void ff_clipclap_sink_free(ClipclapSink *sink);

#endif /* AVFILTER_CLIPCLAP_SINK_H */
