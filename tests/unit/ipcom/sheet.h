/* SPDX-License-Identifier: MIT */
/* The figures of the protocol sheet, sections 13.1 to 13.7, byte for byte. */
#ifndef TESTS_IPCOM_SHEET_H
#define TESTS_IPCOM_SHEET_H

#include <stdint.h>

#include <ipcom/ipcom.h>

#define LOGIN_PLAIN                                        \
	"01 02 55 53 45 52 3a 64 65 6d 6f 20 20 20 20 20 " \
	"20 20 20 20 20 20 20 20 20 20 20 20 50 57 44 3a " \
	"73 65 63 72 65 74 20 20 20 20 20 20 20 20 20 20 " \
	"20 20 20 20 20 20 01 00 "

#define LOGIN_WIRE                                         \
	"0d a7 e1 27 58 6f cc 77 1a 31 e2 31 cb 38 e7 ad " \
	"58 ee b0 a2 98 ef 5f c2 96 06 4f 4f bd 00 99 a0 " \
	"20 11 4c 89 84 d8 ba 2b 44 23 95 91 58 87 18 d1 " \
	"e3 73 db ad 58 23 3e b5 "

#define LIMITS_WIRE                                        \
	"0d a7 e1 27 58 6f cc 72 a6 9e 7a 36 ac cb 4a 78 " \
	"db 12 60 d1 4c 17 04 2d 42 bf c0 61 f1 5d f8 87 " \
	"5c 90 26 3e 16 1a 13 cd 5a 85 bc 86 49 bf 18 b7 " \
	"ae d5 f4 a4 24 85 0f 9d "

#define ACCEPT_P                                           \
	"0d a7 87 51 ab c7 ea 5b db 6e bf 3a 95 ea ae cb " \
	"7a 38 55 d0 1f e9 6a 3e 68 fe 7a 52 2a 38 1e a3 " \
	"ec 36 51 89 1b 2d 89 f8 63 65 c6 5f 8e bb 66 89 " \
	"85 24 67 0c f7 f4 fd 06 aa d6 9e 2f fe e8 21 6a " \
	"97 54 f7 a2 db 4f 5d cd 88 17 39 71 f9 68 ee 8b " \
	"3a 78 15 10 1e a8 c2 79 fe 01 b8 85 11 55 11 7f " \
	"65 b5 5f 96 eb f8 66 bb ba b1 f0 47 d0 81 ca b3 " \
	"4f 39 e5 0b 55 ec 3c c6 f7 74 62 74 36 90 21 26 " \
	"c4 94 b7 69 ee ec 4e "

#define ACCEPT_Q                                           \
	"0d a7 87 51 ab c7 ea d1 3b e8 f6 1e 03 dd 92 c6 " \
	"41 dc 22 2b 31 58 8e 0d 47 6f f5 f0 be 39 9c af " \
	"c6 4a 4b 78 4d 92 47 bb 53 db 20 f0 a7 34 7c 40 " \
	"9f 70 46 3e 94 5f 30 1b c5 bf 4c 8f 19 50 da 1f " \
	"3f 7c 76 99 ef 89 86 0f cd 80 bb 87 37 ef 92 5e " \
	"26 e9 61 2e 88 00 17 56 8e 7c 5c 2f 48 c4 ca fb " \
	"8c 43 a2 e3 f5 0c 28 a7 58 4d b0 a5 7b b0 68 23 " \
	"1d d3 66 e6 09 2a 97 7b 7c 62 a1 f7 d4 63 8a 33 " \
	"8d 32 8e 79 73 65 28 "

#define OFF_P                                              \
	"79 db e6 0d dd e5 30 47 48 1c e1 4b ce b8 6e 15 " \
	"2c a2 94 ae 0f e1 fe f8 71 8a 1d c3 b7 7c a9 6e " \
	"59 da cc c3 42 bd 82 b0 04 8b 8e b0 9c 94 0f 58 " \
	"8a 41 81 da 85 94 1d 5f bd 5b 15 86 0f 99 52 5e " \
	"af 85 05 01 30 ec 7c c7 73 25 f2 cc 23 60 86 e0 " \
	"94 03 62 4a af 41 14 45 f1 96 9f 5f 76 2d 81 e1 " \
	"42 a6 5f d7 bb e1 ae e0 33 13 01 33 06 25 2f c4 " \
	"61 f0 bc ba b9 9f f8 73 fc 5f 86 3b ce bb 03 03 " \
	"20 8e "

#define ON_P                                               \
	"79 db 19 e1 0d 66 a1 f7 6f f8 37 d7 60 5e 2a 86 " \
	"f2 30 53 3b 85 e2 c5 51 d1 c5 b7 2c 6b cf 27 cb " \
	"51 69 2f 85 8e 7e a6 42 cc 0d 04 e1 25 66 21 a8 " \
	"04 47 ec b7 20 e4 51 f8 0c 47 15 86 0f 99 52 5e " \
	"af 85 05 01 30 ec 7c c7 73 25 f2 cc 23 60 86 e0 " \
	"94 03 62 4a af 41 14 45 f1 96 9f 5f 76 2d 81 e1 " \
	"42 a6 5f d7 bb e1 ae e0 33 13 01 33 06 25 2f c4 " \
	"61 f0 bc ba b9 9f f8 73 fc 5f 86 3b ce bb 03 03 " \
	"20 8f "

#define ON_Q                                               \
	"f3 14 6c cc ef 99 cd 1f 4a 83 65 62 62 cc 33 ad " \
	"57 33 a4 60 3a c4 b3 3a 51 0b 25 32 04 98 8f f7 " \
	"3d 56 3a 98 8c 83 c6 a1 9a 1d b1 b1 f8 6e ce a1 " \
	"b1 a9 94 4c 61 e5 7f 0b 3f 71 79 7a 33 2a bf a9 " \
	"06 d0 a8 87 7e 51 4a c3 ab 0c 33 61 0d ce a9 e5 " \
	"24 da 99 1f 79 02 e5 78 52 aa 3a 8b 3d 2b da e9 " \
	"65 ee 9c a9 23 33 09 62 58 14 59 3b 3d c0 0a e6 " \
	"80 4b 8b 77 b0 35 83 df 4c f1 ab 4e 3b 33 9f fb " \
	"93 6b "

/** A row of section 13.7: how it comes about and the bytes. */
struct sheet_write {
	enum ipcom_bus_type type;
	unsigned module;
	uint8_t values[8];
	const char *plain, *session_p, *session_q;
};

static const struct sheet_write sheet_writes[] = {
	{ IPCOM_BUS_MINIDO,
	  5,
	  { 0, 0, 0, 0, 0, 0, 0, 255 },
	  "04 01 02 23 40 00 0a 01 00 00 00 00 00 00 00 ff fe",
	  "78 00 c4 26 13 e1 48 49 1c e4 85 a7 7e 81 73 fc c9",
	  "f2 cf 21 72 bd e0 ef 5d 09 f6 f0 e1 2f 51 b8 60 bd" },
	{ IPCOM_BUS_MINIDO,
	  3,
	  { 0, 255, 0, 255, 0, 0, 0, 0 },
	  "04 01 02 23 3e 00 0a 01 00 ff 00 ff 00 00 00 00 01",
	  "78 00 c4 26 6d 8a 2c 2c 25 07 45 a6 7c 04 0a 2c d6",
	  "f2 cf 21 72 c3 78 53 e4 cd 7a 43 f4 77 e3 2f 52 7b" },
	{ IPCOM_BUS_MINIDO,
	  6,
	  { 40, 100, 0, 0, 0, 0, 0, 0 },
	  "04 01 02 23 41 00 0a 01 28 64 00 00 00 00 00 00 4d",
	  "78 00 c4 26 12 14 82 5e 30 11 40 2f a6 7e 69 f8 fb",
	  "f2 cf 21 72 bc 32 7a 72 cb 57 4f 44 0b 71 24 fb ca" },
	{ IPCOM_BUS_MINIDO,
	  2,
	  { 1, 2, 3, 4, 5, 6, 7, 8 },
	  "04 01 02 23 3d 00 0a 01 01 02 03 04 05 06 07 08 09",
	  "78 00 c4 26 6e 25 ac 7f 36 95 f0 f3 6a bb 95 cf be",
	  "f2 cf 21 72 c0 35 35 3a 3a 3d 9a b5 37 b1 ac 77 2a" },
	{ IPCOM_BUS_MINIDO,
	  16,
	  { 0, 0, 0, 0, 0, 0, 0, 0 },
	  "04 01 02 23 4b 00 0a 01 00 00 00 00 00 00 00 00 01",
	  "78 00 c4 26 18 f1 f4 e9 3f 11 40 2f a6 7e 69 f8 b7",
	  "f2 cf 21 72 b6 1d 5c 2f 32 51 2e f0 f0 5d fe 4b 2f" },
	{ IPCOM_BUS_BIBUS,
	  1,
	  { 255, 0, 0, 0, 0, 0, 0, 0 },
	  "04 01 01 23 1e 00 0a 01 ff 00 00 00 00 00 00 00 fe",
	  "78 00 c7 7c c4 0d f6 14 93 c7 25 86 0d 7c 1c ef 91",
	  "f2 cf 22 87 f8 5d 24 e1 f9 3a c1 1f 09 ee fb df ba" },
};

#endif
