/*  hook_sign.h - the signature of what is sent to a hook (pure)

    As Standard Webhooks has it: HMAC-SHA256 over ID.TIMESTAMP.BODY, in base64 behind "v1,". A
   secret that begins with whsec_ is base64 of the key; any other is the key itself.
*/
#ifndef ZCHAT_WEB_HOOK_SIGN_H
#define ZCHAT_WEB_HOOK_SIGN_H

#include <stddef.h>
#include <stdint.h>

enum { HOOK_SIGN_MAX = 64 };

/*  Write the value of webhook-signature to text.                              */
void hook_sign (const char *secret, const char *id, int64_t time_s, const char *body, size_t size,
                char text[HOOK_SIGN_MAX]);

#endif
