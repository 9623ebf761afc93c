/*  buffer.c - a string that grows */
#include "buffer.h"
#include "memory.h"
#include <stdarg.h>

enum { BUFFER_FIRST = 256 };

static void buffer_reserve (buffer_t *buffer, size_t more)
{
    size_t wanted = buffer->size + more + 1;
    if (wanted <= buffer->capacity)
        return;
    size_t capacity = buffer->capacity ? buffer->capacity : BUFFER_FIRST;
    while (capacity < wanted)
        capacity *= 2;
    buffer->data = memory_grow (buffer->data, capacity);
    buffer->capacity = capacity;
}

void buffer_add (buffer_t *buffer, const char *bytes, size_t size)
{
    buffer_reserve (buffer, size);
    if (size > 0)
        memcpy (buffer->data + buffer->size, bytes, size);
    buffer->size += size;
    buffer->data[buffer->size] = '\0';
}

void buffer_string (buffer_t *buffer, const char *string)
{
    buffer_add (buffer, string, strlen (string));
}

void buffer_format (buffer_t *buffer, const char *format, ...)
{
    va_list arguments;
    va_start (arguments, format);
    va_list again;
    va_copy (again, arguments);
    int size = vsnprintf (NULL, 0, format, arguments);
    va_end (arguments);
    if (size > 0) {
        buffer_reserve (buffer, (size_t)size);
        vsnprintf (buffer->data + buffer->size, (size_t)size + 1, format, again);
        buffer->size += (size_t)size;
    }
    va_end (again);
}

void buffer_drop (buffer_t *buffer, size_t size)
{
    if (size == 0)
        return;
    buffer->size -= size;
    memmove (buffer->data, buffer->data + size, buffer->size + 1);
}

void buffer_cut (buffer_t *buffer, size_t size)
{
    buffer->size = size;
    if (buffer->data)
        buffer->data[size] = '\0';
}

void buffer_clear (buffer_t *buffer)
{
    buffer->size = 0;
    if (buffer->data)
        buffer->data[0] = '\0';
}

char *buffer_take (buffer_t *buffer)
{
    buffer_add (buffer, NULL, 0);
    char *data = buffer->data;
    *buffer = (buffer_t){NULL, 0, 0};
    return data;
}

void buffer_free (buffer_t *buffer)
{
    free (buffer->data);
    *buffer = (buffer_t){NULL, 0, 0};
}
