/* Between libav's frames and the library: pictures and sound go in, results come to the frames. */
#ifndef AVFILTER_CLIPCLAP_FRAMES_H
#define AVFILTER_CLIPCLAP_FRAMES_H

#include "libavutil/detection_bbox.h"
#include "libavutil/frame.h"

#include <clipclap/clipclap.h>

/* What the library is to look at; nothing of it is copied. Times are the caller's to set. */
void ff_clipclap_picture_from_frame(const AVFrame *frame, clipclap_picture *picture);

/* The frame's boxes whose label stands in `target` ("person|car", in any case; "*": all), and the
 * number of each on the frame. Both arrays are the caller's to free; NULL where there are none. */
int ff_clipclap_choose_boxes(const AVFrame *frame, const char *target, clipclap_box **boxes,
                             int **numbers, size_t *count);

/* KEY.count, and of each label, from 0 by rank, KEY.N.label, KEY.N.score, KEY.N.similarity and,
 * with categories, KEY.N.unit. Numbers have nine digits behind the point, in any locale. In labels
 * and units a backslash and what is below U+0020 are escaped: \\, \n, \r, \t, \xHH. */
int ff_clipclap_add_metadata(AVFrame *frame, const char *key, const clipclap_result *result);
/* KEY.NAME as seconds, to the microsecond. */
int ff_clipclap_add_time(AVFrame *frame, const char *key, const char *name, double seconds);
/* Drops what begins with "KEY.". */
void ff_clipclap_clear_metadata(AVFrame *frame, const char *key);

/* Adds the best labels to a detection box's classifications, as many as it still has room for.
 * Copies the side data where others share it. */
int ff_clipclap_classify_box(AVFrame *frame, int number, const clipclap_result *result);
/* One box around the whole frame, which must have none, with the best labels. */
int ff_clipclap_classify_whole(AVFrame *frame, const clipclap_result *result);

#endif /* AVFILTER_CLIPCLAP_FRAMES_H */
