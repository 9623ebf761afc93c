/*  zap.c - ZAP/1.0 (ZeroMQ RFC 27): requests and replies                      */
#include "zap.h"
#include <arpa/inet.h>
#include <assert.h>

enum { VERSION, ID, DOMAIN, ADDRESS, ROUTING_ID, MECHANISM, CREDENTIALS };

/*  Printable ASCII: what stands in addresses.                                 */
static bool printable (frame_t text)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = ((const char *)text.data)[i];
        if (c <= ' ' || c > '~')
            return false;
    }
    return true;
}

static zap_status_t wrong (const char **why, zap_status_t status, const char *text)
{
    *why = text;
    return status;
}

zap_status_t zap_read (const frame_t *frames, size_t count, const char *domain, bool encrypted,
                       zap_request_t *request, const char **why)
{
    *request = (zap_request_t){0};
    if (count > ID && frames[ID].size <= ZAP_TEXT_MAX)
        request->id = frames[ID];
    if (count < CREDENTIALS || !request->id.size)
        return wrong (why, ZAP_BROKEN, "a ZAP request has six frames at least, and an id");
    if (!frame_is (frames[VERSION], "1.0"))
        return wrong (why, ZAP_BROKEN, "another version of ZAP");
    if (!frame_is (frames[DOMAIN], domain))
        return wrong (why, ZAP_BROKEN, "another ZAP domain");
    if (frames[ADDRESS].size > ZAP_TEXT_MAX || !printable (frames[ADDRESS]))
        return wrong (why, ZAP_BROKEN, "the address is no address");
    if (frames[ROUTING_ID].size > ZAP_TEXT_MAX)
        return wrong (why, ZAP_BROKEN, "the routing id is too long");
    request->domain = frames[DOMAIN];
    request->address = frames[ADDRESS];
    if (!frame_is (frames[MECHANISM], encrypted ? "CURVE" : "NULL"))
        return wrong (why, ZAP_REFUSE,
                      encrypted ? "another mechanism than CURVE" : "another mechanism than NULL");
    if (!encrypted)
        return count == CREDENTIALS ? ZAP_ADMIT
                                    : wrong (why, ZAP_BROKEN, "NULL has no credentials");
    if (count != ZAP_FRAMES || frames[CREDENTIALS].size != ADDRESS_KEY_SIZE)
        return wrong (why, ZAP_BROKEN, "CURVE has one credential of 32 bytes");
    request->key = frames[CREDENTIALS].data;
    return ZAP_ADMIT;
}

void zap_reply (const zap_request_t *request, zap_status_t status, const char *user,
                frame_t metadata, frame_t frames[ZAP_REPLY_FRAMES])
{
    const char *code = "500", *text = "the request cannot be read";
    switch (status) {
    case ZAP_ADMIT:
        code = "200";
        text = "OK";
        break;
    case ZAP_LATER:
        code = "300";
        text = "too many attempts; later";
        break;
    case ZAP_REFUSE:
        code = "400";
        text = "this key is not admitted";
        break;
    case ZAP_BROKEN:
        break;
    }
    frames[0] = frame_str ("1.0");
    frames[1] = request->id;
    frames[2] = frame_str (code);
    frames[3] = frame_str (text);
    frames[4] = frame_str (status == ZAP_ADMIT ? user : "");
    frames[5] = status == ZAP_ADMIT ? metadata : frame_of ("", 0);
}

size_t zap_property (uint8_t metadata[ZAP_METADATA_MAX], size_t size, const char *name,
                     const char *value)
{
    size_t name_size = strlen (name), value_size = strlen (value);
    uint32_t length = htonl ((uint32_t)value_size);
    assert (name_size < 256 &&
            size + 1 + name_size + sizeof length + value_size <= ZAP_METADATA_MAX);
    metadata[size++] = (uint8_t)name_size;
    memcpy (metadata + size, name, name_size);
    size += name_size;
    memcpy (metadata + size, &length, sizeof length);
    size += sizeof length;
    memcpy (metadata + size, value, value_size);
    return size + value_size;
}
