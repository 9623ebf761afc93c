/*  line_editing.c - a message of one's own in the input line, to be edited    */
#include "line_editing.h"
#include "i18n.h"
#include <string.h>

void line_editing_init (line_editing_t *self, talk_t *talk, transcript_t *text, editor_t *editor)
{
    *self = (line_editing_t){.talk = talk, .text = text, .editor = editor};
}

void line_editing_free (line_editing_t *self)
{
    buffer_free (&self->before);
}

static void leave (line_editing_t *self)
{
    self->text->editing = 0;
    editor_clear (self->editor);
}

void line_editing_begin (line_editing_t *self)
{
    talk_state_t state;
    if (!self->text->wanted.size)
        return;
    talk_state (self->talk, &state);
    snprintf (self->name, sizeof self->name, "%s", state.name);
    self->text->editing = self->text->wanted_seq;
    buffer_clear (&self->before);
    buffer_add (&self->before, self->text->wanted.data, self->text->wanted.size);
    buffer_clear (&self->text->wanted);
    editor_clear (self->editor);
    editor_set (self->editor, self->before.data, self->before.size);
}

static bool is_up (const keyboard_stroke_t *key)
{
    return key->kind == KEYBOARD_UP ||
           (key->kind == KEYBOARD_CONTROL && key->text[0] == 'p' && !key->meta);
}

static bool is_down (const keyboard_stroke_t *key)
{
    return key->kind == KEYBOARD_DOWN ||
           (key->kind == KEYBOARD_CONTROL && key->text[0] == 'n' && !key->meta);
}

/*  Take a key while a message is being edited. False: it is the editor's.     */
static bool editing_key (line_editing_t *self, const keyboard_stroke_t *key,
                         editor_result_t *result)
{
    size_t size;
    const char *text = editor_text (self->editor, &size);
    bool same = size == self->before.size && (!size || memcmp (text, self->before.data, size) == 0);
    if (key->kind == KEYBOARD_ESCAPE) {
        leave (self);
        *result = EDITOR_CHANGED;
        return true;
    }
    /*  What was typed is not to be lost to the history.                       */
    if ((is_up (key) && !same) || is_down (key)) {
        *result = EDITOR_BELL;
        return true;
    }
    if (is_up (key))
        leave (self);
    return false;
}

editor_result_t line_editing_key (line_editing_t *self, const keyboard_stroke_t *key)
{
    editor_result_t result = EDITOR_NOTHING;
    size_t size;
    (void)editor_text (self->editor, &size);
    if (self->text->editing) {
        if (editing_key (self, key, &result))
            return result;
    } else if (is_up (key) && size == 0 && !editor_recalls (self->editor) &&
               talk_may_edit (self->talk)) {
        const command_t command = {.kind = COMMAND_EDIT};
        (void)!talk_do (self->talk, &command);
        line_editing_begin (self);
        return EDITOR_CHANGED;
    }
    result = editor_key (self->editor, key);
    (void)editor_text (self->editor, &size);
    if (size == 0 && self->text->editing) {
        leave (self);
        result = EDITOR_CHANGED;
    }
    talk_typing (self->talk, size > 0);
    return result;
}

bool line_editing_enter (line_editing_t *self, zchat_status_t *status)
{
    talk_state_t state;
    size_t size;
    if (!self->text->editing)
        return false;
    command_t command = {.kind = COMMAND_EDIT, .seq = self->text->editing};
    command.text = editor_text (self->editor, &size);
    command.size = size;
    talk_state (self->talk, &state);
    *status = ZCHAT_OK;
    if (strcmp (state.name, self->name) != 0)
        talk_notice (self->talk, _ ("not edited: you are in another conversation now"));
    else if (size != self->before.size || memcmp (command.text, self->before.data, size) != 0)
        *status = talk_do (self->talk, &command);
    if (*status == ZCHAT_OK)
        leave (self);
    return true;
}
