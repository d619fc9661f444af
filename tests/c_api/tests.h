/* The tests that have files of their own. */
#ifndef CLIPCLAP_TESTS_C_API_TESTS_H
#define CLIPCLAP_TESTS_C_API_TESTS_H

void test_batches(void);
void test_layouts(void);
void test_boxes(void);
void test_words(void);
void test_bad_pictures(void);
void test_sound(void);
void test_bad_sound(void);

#endif
