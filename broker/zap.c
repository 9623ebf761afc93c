/*  zap.c - ZAP/1.0 (ZeroMQ RFC 27): the requests and replies of a CURVE socket */
#include "zap.h"

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

zap_status_t zap_read (const frame_t *frames, size_t count, const char *domain,
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
    if (!frame_is (frames[MECHANISM], "CURVE"))
        return wrong (why, ZAP_REFUSE, "another mechanism than CURVE");
    if (count != ZAP_FRAMES || frames[CREDENTIALS].size != ADDRESS_KEY_SIZE)
        return wrong (why, ZAP_BROKEN, "CURVE has one credential of 32 bytes");
    request->key = frames[CREDENTIALS].data;
    return ZAP_ADMIT;
}

void zap_reply (const zap_request_t *request, zap_status_t status, const char *user,
                frame_t frames[ZAP_REPLY_FRAMES])
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
    frames[5] = frame_of ("", 0);
}
