/*  exports.h - how the functions of libzchat are declared

    What is declared between ZCHAT_EXPORTS_BEGIN and ZCHAT_EXPORTS_END is exported by
    libzchat; everything else in it is hidden.
*/
#ifndef ZCHAT_EXPORTS_H
#define ZCHAT_EXPORTS_H

#if defined(__GNUC__)
#define ZCHAT_CHECKED       __attribute__ ((warn_unused_result))
#define ZCHAT_EXPORTS_BEGIN _Pragma ("GCC visibility push(default)")
#define ZCHAT_EXPORTS_END   _Pragma ("GCC visibility pop")
#else
#define ZCHAT_CHECKED
#define ZCHAT_EXPORTS_BEGIN
#define ZCHAT_EXPORTS_END
#endif

#endif
