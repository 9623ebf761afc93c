# cmake -D FOLDER=... -D OUTPUT=... -P embed.cmake: the page's files as C, as they are and compressed
file(GLOB files ${FOLDER}/*.html ${FOLDER}/*.css ${FOLDER}/*.js ${FOLDER}/*.svg)
set(type_html "text/html; charset=utf-8")
set(type_css "text/css; charset=utf-8")
set(type_js "text/javascript; charset=utf-8")
set(type_svg "image/svg+xml")

function(bytes hex variable)
    string(REGEX REPLACE "(..)" "0x\\1," list "${hex}")
    string(REGEX REPLACE "(....................................................................................................)"
        "\\1\n" list "${list}")
    set(${variable} "${list}" PARENT_SCOPE)
endfunction()

set(arrays "")
set(rows "")
set(number 0)
foreach(file ${files})
    get_filename_component(name ${file} NAME)
    string(REGEX REPLACE ".*\\." "" ending ${name})
    file(READ ${file} plain HEX)
    file(SHA256 ${file} hash)
    string(SUBSTRING ${hash} 0 16 hash)
    file(ARCHIVE_CREATE OUTPUT ${OUTPUT}.gz PATHS ${file} FORMAT raw COMPRESSION GZip COMPRESSION_LEVEL 9)
    file(READ ${OUTPUT}.gz gzip HEX)
    # without the time at which it was compressed, so that the same files make the same program
    # (REGEX REPLACE would take ^ for the place behind each match, too)
    string(SUBSTRING "${gzip}" 0 8 head)
    string(SUBSTRING "${gzip}" 16 -1 rest)
    set(gzip "${head}00000000${rest}")
    bytes("${plain}" plain)
    bytes("${gzip}" gzip)
    string(APPEND arrays "static const unsigned char plain_${number}[] = {\n${plain}};\n"
        "static const unsigned char gzip_${number}[] = {\n${gzip}};\n")
    string(APPEND rows "    {\"${name}\", \"${type_${ending}}\", \"\\\"${hash}\\\"\", plain_${number}, sizeof plain_${number},\n"
        "     gzip_${number}, sizeof gzip_${number}},\n")
    math(EXPR number "${number} + 1")
endforeach()
file(REMOVE ${OUTPUT}.gz)
file(WRITE ${OUTPUT} "/*  made by embed.cmake: do not edit  */\n#include \"page_files.h\"\n\n${arrays}\n"
    "const page_file_t page_files[] = {\n${rows}};\nconst size_t page_files_count = ${number};\n")
