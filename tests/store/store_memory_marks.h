/*  store_memory_marks.h - edits and reactions of the store in memory, private to this folder

    What became of the messages of one room; NULL: nothing did.
*/
#ifndef ZCHAT_TEST_STORE_MEMORY_MARKS_H
#define ZCHAT_TEST_STORE_MEMORY_MARKS_H

#include "marks.h"

typedef struct memory_marks memory_marks_t;

/*  The message of that seq has one more edit, of the seq edit. Returns the seq of the one before;
   0: there was none.                                                            */
uint64_t memory_marks_edit (memory_marks_t **self_p, uint64_t seq, uint64_t edit);
/*  The record's reaction, or what takes it back. The message is stored.       */
void memory_marks_react (memory_marks_t **self_p, const store_record_t *record);
/*  The message is taken away. Returns the seq of its last edit; 0: it had none. */
uint64_t memory_marks_remove (memory_marks_t *self, uint64_t seq);
/*  Retention has taken what stands before first.                              */
void memory_marks_trim (memory_marks_t *self, uint64_t first);
/*  The marks of a message, made by gather; NULL: it has none.                 */
const store_marks_t *memory_marks_of (const memory_marks_t *self, uint64_t seq, const char *who,
                                      marks_t *gather);
void memory_marks_destroy (memory_marks_t **self_p);

#endif
