#include "clipclap_sink.h"

#include <string.h>

#include "libavformat/avformat.h"
#include "libavutil/avstring.h"
#include "libavutil/error.h"
#include "libavutil/log.h"

enum { MESSAGE_SIZE = 2048 };

static int open_url(AVFilterContext *ctx, const char *url, AVIOContext **file)
{
    const char *real = strcmp(url, "-") ? url : "pipe:1";
    int ret = avio_open2(file, real, AVIO_FLAG_WRITE, NULL, NULL);
    if (ret < 0)
        av_log(ctx, AV_LOG_ERROR, "%s: cannot be opened for writing: %s\n", url, av_err2str(ret));
    return ret;
}

static int write_text(AVFilterContext *ctx, const char *url, AVIOContext *file, const char *text,
                      size_t size)
{
    if (size > INT_MAX)
        return AVERROR(EFBIG);
    avio_write(file, (const unsigned char *)text, size);
    avio_flush(file);
    if (file->error < 0)
        av_log(ctx, AV_LOG_ERROR, "%s: cannot be written: %s\n", url, av_err2str(file->error));
    return file->error < 0 ? file->error : 0;
}

static int close_url(AVFilterContext *ctx, const char *url, AVIOContext **file)
{
    int ret = avio_closep(file);
    if (ret < 0)
        av_log(ctx, AV_LOG_ERROR, "%s: cannot be written: %s\n", url, av_err2str(ret));
    return ret;
}

static int open_writer(AVFilterContext *ctx, ClipclapSink *sink)
{
    const ClipclapOptions *options = sink->options;
    char message[MESSAGE_SIZE] = "";
    clipclap_status status =
        clipclap_writer_open(options->format, options->input_name, options->stream, &sink->writer,
                             message, sizeof(message));
    if (status < 0)
        return ff_clipclap_failed(ctx, status, message);
    return open_url(ctx, options->output, &sink->file);
}

static int open_summary(AVFilterContext *ctx, ClipclapSink *sink)
{
    const ClipclapOptions *options = sink->options;
    /* Half is what the proposed filter took for certain. */
    const double threshold = options->confidence > 0 ? options->confidence : 0.5;
    char message[MESSAGE_SIZE] = "";
    AVIOContext *file = NULL;
    clipclap_status status;
    int ret;

    if (av_match_ext(options->summary, "csv"))
        sink->summary_format = "csv";
    else if (av_match_ext(options->summary, "json"))
        sink->summary_format = "json";
    else {
        av_log(ctx, AV_LOG_ERROR, "%s: the summary's name must end in .csv or .json\n",
               options->summary);
        return AVERROR(EINVAL);
    }
    status = clipclap_summary_open(threshold, &sink->summary, message, sizeof(message));
    if (status < 0)
        return ff_clipclap_failed(ctx, status, message);
    /* What cannot be written should be known before the work. */
    if ((ret = open_url(ctx, options->summary, &file)) < 0 ||
        (ret = close_url(ctx, options->summary, &file)) < 0)
        return ret;
    sink->unwritten = 1;
    return 0;
}

int ff_clipclap_sink_open(AVFilterContext *ctx, ClipclapSink *sink, const ClipclapOptions *options)
{
    int ret;
    sink->options = options;
    if (options->output && (ret = open_writer(ctx, sink)) < 0)
        return ret;
    if (options->summary && (ret = open_summary(ctx, sink)) < 0)
        return ret;
    return 0;
}

int ff_clipclap_sink_add(AVFilterContext *ctx, ClipclapSink *sink, const clipclap_result *result)
{
    const ClipclapOptions *options = sink->options;
    const char *text = NULL;
    size_t size = 0;
    clipclap_status status;

    if (sink->summary) {
        status = clipclap_summary_add(sink->summary, options->input_name, options->stream, result);
        if (status < 0)
            return ff_clipclap_failed(ctx, status, clipclap_summary_error(sink->summary));
        sink->unwritten = 1;
    }
    if (!sink->writer)
        return 0;
    status = clipclap_writer_write(sink->writer, result, &text, &size);
    if (status < 0)
        return ff_clipclap_failed(ctx, status, clipclap_writer_error(sink->writer));
    return write_text(ctx, options->output, sink->file, text, size);
}

static int write_summary(AVFilterContext *ctx, ClipclapSink *sink)
{
    const char *url = sink->options->summary;
    const char *text = NULL;
    AVIOContext *file = NULL;
    size_t size = 0;
    int ret, closed;
    clipclap_status status =
        clipclap_summary_write(sink->summary, sink->summary_format, &text, &size);
    if (status < 0)
        return ff_clipclap_failed(ctx, status, clipclap_summary_error(sink->summary));
    if ((ret = open_url(ctx, url, &file)) < 0)
        return ret;
    ret = write_text(ctx, url, file, text, size);
    closed = close_url(ctx, url, &file);
    sink->unwritten = 0;
    return ret < 0 ? ret : closed;
}

static int finish_writer(AVFilterContext *ctx, ClipclapSink *sink)
{
    const char *url = sink->options->output;
    const char *text = NULL;
    size_t size = 0;
    int ret, closed;
    clipclap_status status = clipclap_writer_finish(sink->writer, &text, &size);
    if (status < 0)
        ret = ff_clipclap_failed(ctx, status, clipclap_writer_error(sink->writer));
    else
        ret = write_text(ctx, url, sink->file, text, size);
    closed = close_url(ctx, url, &sink->file);
    clipclap_writer_free(sink->writer);
    sink->writer = NULL;
    return ret < 0 ? ret : closed;
}

int ff_clipclap_sink_finish(AVFilterContext *ctx, ClipclapSink *sink)
{
    int ret = 0, written = 0;
    if (sink->writer && sink->file)
        ret = finish_writer(ctx, sink);
    if (sink->summary && sink->unwritten)
        written = write_summary(ctx, sink);
    return ret < 0 ? ret : written;
}

int ff_clipclap_sink_command(AVFilterContext *ctx, ClipclapSink *sink, const char *command)
{
    const int writes = !strcmp(command, "writeinfo");
    clipclap_status status;
    if (!writes && strcmp(command, "flush"))
        return AVERROR(ENOSYS);
    if (!sink->summary) {
        av_log(ctx, AV_LOG_ERROR, "%s: there is no summary; give summary=FILE\n", command);
        return AVERROR(EINVAL);
    }
    if (writes)
        return write_summary(ctx, sink);
    status = clipclap_summary_clear(sink->summary);
    sink->unwritten = 1;
    return status < 0 ? ff_clipclap_failed(ctx, status, clipclap_summary_error(sink->summary)) : 0;
}

void ff_clipclap_sink_free(ClipclapSink *sink)
{
    avio_closep(&sink->file);
    clipclap_writer_free(sink->writer);
    clipclap_summary_free(sink->summary);
    sink->writer = NULL;
    sink->summary = NULL;
}
