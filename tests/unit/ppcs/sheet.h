/* SPDX-License-Identifier: MIT */
/* Figures of the protocol sheet that several tests need: the keys of section 9.2, section 14. */
#ifndef TESTS_PPCS_SHEET_H
#define TESTS_PPCS_SHEET_H

#include <stdint.h>

#define SHEET_KEYS 8

/** The keys, the four bytes that each comes down to, and LAN_SEARCH with it. */
static const struct {
	const char *key;
	uint8_t hash[4];
	const char *lan_search;
} sheet_keys[SHEET_KEYS] = {
	{ "camera", { 0x69, 0x97, 0xcc, 0x19 }, "2cba5f5d" },
	{ "SHIX", { 0x3c, 0xc4, 0x68, 0x0a }, "9fa1eeb9" },
	{ "SSD@cs2-network.", { 0x97, 0x69, 0xd6, 0x5b }, "b1a6bb9a" },
	{ "VMSV", { 0x4c, 0xb4, 0x6c, 0x1e }, "d19e23ab" },
	{ "vstarcam2018", { 0x2c, 0xd4, 0x60, 0x06 }, "49b573d5" },
	{ "FERRY@88", { 0x38, 0xc8, 0xba, 0x1a }, "a92a6297" },
	{ "mycamera", { 0x4f, 0xb1, 0x18, 0x0d }, "aa66af5c" },
	{ "@@@@....", { 0xb8, 0x48, 0x90, 0x00 }, "5d782818" },
};

/** PUNCH_PKT of TEST-012345-ABCDE: plain, with key camera, with key SHIX. */
#define SHEET_PUNCH        "f14100145445535400000000000030394142434445000000"
#define SHEET_PUNCH_CAMERA "2ccb6293afc44673697ccf321e6707263c0a9400989cde2b"
#define SHEET_PUNCH_SHIX   "9fd030f80ef809cb10204798bf5336cdf2be9aac77d83c5d"

#endif
