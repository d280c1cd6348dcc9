/* SPDX-License-Identifier: MIT */
/*
 * The table of commands, the check of their parameters, and their bytes on the wire. All that
 * distinguishes one command from another stands in the table (sections 3 and 9).
 */
#include "command.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/bytes.h"

#include "line.h"

/* clang-format off */
static const struct range ranges[] = {
	{ 'c', 1, 9999 },      /* contractor */
	{ 'm', 1, 15 },        /* master */
	{ 'e', 1, 4 },         /* enclosure */
	{ 'o', 1, 4 },         /* module in its enclosure */
	{ 'O', 1, 17 },        /* module of the master; 17 holds the variables */
	{ 'l', 1, 8 },         /* load */
	{ 'L', 1, 4 },         /* load with a profile */
	{ 's', 1, 189 },       /* station */
	{ 'S', 1, 50 },        /* thermostat station */
	{ 'w', 1, 255 },       /* switch */
	{ 'd', 1, 10 },        /* LED */
	{ 'v', 0, 100 },       /* level */
	{ 'f', 0, 6553500 },   /* fade in ms */
	{ 'a', 0, 6 },         /* function of a switch */
	{ 'b', 0, 1 },
	{ 't', 0, 2 },
	{ 'q', 0, 3 },
	{ 'Q', 0, 4 },         /* port of a master */
	{ 'n', 0, 65535 },
	{ 'i', 1, 255 },       /* time function */
	{ 'p', 2, 22 },        /* profile */
	{ 'C', 0, 255 },       /* infrared code, or its adjustment */
	{ 'g', 1, 8 },         /* code set */
	{ 'k', 0, 31 },        /* code in a set */
	{ 'u', 0, 63 },        /* sixbit */
	{ 'h', -1, 25 },       /* hour, or sunrise, sunset */
	{ 'j', -1439, 1439 },  /* minute, or offset to the sun */
	{ 'D', 0, 31 },
	{ 'M', 0, 12 },
	{ 'Y', 0, 9999 },
	{ 'y', 0, 14 },        /* day of the vacation log */
	{ 'z', 0, 9999 },
	{ 'B', 0, 255 },       /* position of a name */
	{ 'N', 1, 9999999 },   /* serial number */
	{ 'r', 5, 53 },        /* thermostat register, see is_register() */
	{ 'x', -200, 300 },    /* its value */
	{ '*', -999999999, 999999999 },
};

#define READ      ACCESS_READ
#define CONTROL   ACCESS_CONTROL
#define REPORTING ACCESS_REPORTING
#define PROGRAM   ACCESS_PROGRAM

static const struct command_spec specs[] = {
	[QLINK_COMMAND_RAW] = { "raw", CONTROL,   "",       REPLY_LINE,     0, "", 0, NULL, false },
	[QLINK_COMMAND_VLO] = { "VLO", CONTROL,   "cv[f",   REPLY_VALUES,   1, "v", 1, NULL, true },
	[QLINK_COMMAND_VLA] = { "VLA", CONTROL,   "mOlv[f", REPLY_VALUES,   3, "v", 1, NULL, true },
	[QLINK_COMMAND_VLB] = { "VLB", CONTROL,   "meolv[f", REPLY_VALUES,  4, "v", 1, NULL, true },
	[QLINK_COMMAND_VLC] = { "VLC", CONTROL,   "mslv[f", REPLY_VALUES,   3, "v", 1, NULL, true },
	[QLINK_COMMAND_VGL] = { "VGL", READ,      "c",      REPLY_VALUES,   1, "v", 0, NULL, true },
	[QLINK_COMMAND_VGA] = { "VGA", READ,      "mOl",    REPLY_VALUES,   3, "v", 0, NULL, true },
	[QLINK_COMMAND_VGB] = { "VGB", READ,      "meol",   REPLY_VALUES,   4, "v", 0, NULL, true },
	[QLINK_COMMAND_VGC] = { "VGC", READ,      "msl",    REPLY_VALUES,   3, "v", 0, NULL, true },
	[QLINK_COMMAND_VGD] =
		{ "VGD", READ, "meo", REPLY_VALUES, 3, "vvvvvvvv", 0, NULL, true },
	[QLINK_COMMAND_VSW] =
		{ "VSW", CONTROL, "mswa", REPLY_VALUES, 3, "a", 0, NULL, false },
	[QLINK_COMMAND_VGS] = { "VGS", READ,      "msw",    REPLY_VALUES,   3, "t", 0, NULL, true },
	[QLINK_COMMAND_VGT] =
		{ "VGT", READ, "ms", REPLY_VALUES, 2, "tttttttttt", 0, NULL, true },
	[QLINK_COMMAND_VET] = { "VET", CONTROL,   "mib",    REPLY_LOOSE,    0, "", 0, NULL, false },
	[QLINK_COMMAND_VQT] =
		{ "VQT", READ, "mi", REPLY_TIMER, 2, "thjbbbbbbbDMY", 0, NULL, true },
	[QLINK_COMMAND_VST] =
		{ "VST", PROGRAM, "mit[hjbbbbbbbDMY", REPLY_TIMER, 2, "thjbbbbbbbDMY", 0, NULL,
		  false },
	[QLINK_COMMAND_VLD] = { "VLD", CONTROL,   "msdt",   REPLY_VALUES,   3, "t", 0, NULL, true },
	[QLINK_COMMAND_VLS] = { "VLS", READ,      "msd",    REPLY_VALUES,   3, "t", 0, NULL, true },
	[QLINK_COMMAND_VLT] = { "VLT", READ,      "ms",     REPLY_MASKS,    2, "", 1, NULL, true },
	[QLINK_COMMAND_VOS] = { "VOS", REPORTING, "bb",     REPLY_VALUES,   1, "b", 0, NULL, true },
	[QLINK_COMMAND_VOL] = { "VOL", REPORTING, "b",      REPLY_VALUES,   0, "b", 0, NULL, true },
	[QLINK_COMMAND_VOD] = { "VOD", REPORTING, "q",      REPLY_VALUES,   0, "q", 0, NULL, true },
	[QLINK_COMMAND_VCL] = { "VCL", REPORTING, "b[b",    REPLY_VALUES,   0, "b", 1, NULL, true },
	[QLINK_COMMAND_VEC] = { "VEC", READ,      "n",      REPLY_VALUES,   0, "n", 0, NULL, true },
	[QLINK_COMMAND_VGV] = { "VGV", READ,      "m",      REPLY_FIRMWARE, 1, "", 0, NULL, true },
	[QLINK_COMMAND_VGN] = { "VGN", READ,      "mzB",    REPLY_NAME,     3, "", 0, NULL, true },
	[QLINK_COMMAND_VQA] =
		{ "VQA", READ, "", REPLY_VALUES, 0, "mQ", 0, "RQM", true },
	[QLINK_COMMAND_VQM] = { "VQM", READ,      "",       REPLY_COUNTED,  0, "m", 0, NULL, true },
	[QLINK_COMMAND_VQP] = { "VQP", READ,      "m",      REPLY_ROWS,     1, "", 0, NULL, true },
	[QLINK_COMMAND_VQS] = { "VQS", READ,      "m",      REPLY_ROWS,     1, "", 0, NULL, true },
	[QLINK_COMMAND_VACATION_SUMMARY] = { "V?V", READ, "m", REPLY_LINES, 0, "", 0, NULL, true },
	[QLINK_COMMAND_VACATION_DAY] = { "V?D", READ, "my[z", REPLY_LINES,  0, "", 0, NULL, true },
	[QLINK_COMMAND_STATION_TUNE] =
		{ "V?S", PROGRAM, "muCn", REPLY_LOOSE, 0, "", 0, NULL, false },
	[QLINK_COMMAND_VLP] =
		{ "VLP", PROGRAM, "meolp", REPLY_VALUES, 4, "p", 0, NULL, false },
	[QLINK_COMMAND_VSP] =
		{ "VSP", PROGRAM, "msLp", REPLY_VALUES, 3, "p", 0, "RLP", false },
	[QLINK_COMMAND_VSC] =
		{ "VSC", PROGRAM, "msN", REPLY_VALUES, 3, "*", 0, NULL, false },
	[QLINK_COMMAND_VPG] =
		{ "VPG", PROGRAM, "", REPLY_VALUES, 0, "*", 0, NULL, false },
	[QLINK_COMMAND_VGH] =
		{ "VGH", READ, "mSr[rrr", REPLY_VALUES, 2, "****", 0, "RGD", true },
	[QLINK_COMMAND_VSH] =
		{ "VSH", CONTROL, "mSrx[rxrx", REPLY_VALUES, 1, "S", 6, NULL, true },
	[QLINK_COMMAND_VIR] =
		{ "VIR", CONTROL, "mCbs", REPLY_VALUES, 2, "b", 1, NULL, false },
	[QLINK_COMMAND_VIC] =
		{ "VIC", CONTROL, "mgkbs", REPLY_VALUES, 3, "b", 1, "RIR", false },
};
/* clang-format on */

#define SPEC_COUNT        (sizeof(specs) / sizeof(specs[0]))
#define RAW_MIN_BYTES     3
#define PROJECT_MAX_BYTES 190

const struct command_spec *qlink_command_spec(enum qlink_command verb)
{
	assert((size_t)verb < SPEC_COUNT);
	return &specs[verb];
}

const char *qlink_command_name(enum qlink_command command)
{
	return (size_t)command < SPEC_COUNT ? specs[command].verb : "unknown";
}

const struct range *qlink_range_of(char letter)
{
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (ranges[i].letter == letter)
			return &ranges[i];
	assert(letter == '\0' && "a letter without a range in the table");
	return NULL;
}

bool qlink_command_verb(const char *text, enum qlink_command *ret_verb)
{
	for (size_t i = QLINK_COMMAND_RAW + 1; i < SPEC_COUNT; i++) {
		const char *verb = specs[i].verb;
		size_t n = 0;

		while (n < 3 && text[n] != '\0' && toupper((unsigned char)text[n]) == verb[n])
			n++;
		if (n == 3) {
			*ret_verb = (enum qlink_command)i;
			return true;
		}
	}
	return false;
}

static bool is_register(int32_t number)
{
	return (number >= 5 && number <= 13) || (number >= 48 && number <= 53);
}

static bool printable(const char *text, size_t most)
{
	size_t size = strlen(text);

	for (size_t i = 0; i < size; i++)
		if (text[i] < 0x20 || text[i] > 0x7e)
			return false;
	return size <= most;
}

/* VST sends whole groups of values, VSH whole pairs, and an offset only goes with the sun. */
static bool groups_complete(const struct command *c)
{
	if (c->verb == QLINK_COMMAND_VSH)
		return c->count % 2 == 0;
	if (c->verb != QLINK_COMMAND_VST)
		return true;
	if (c->count > 4 && c->params[3] < 24 && (c->params[4] < -1 || c->params[4] > 59))
		return false;
	return c->count == 3 || c->count == 5 || c->count == 12 || c->count == 15;
}

static int check_text(const struct command *c)
{
	if (!c->text)
		return -EINVAL;
	if (c->verb == QLINK_COMMAND_VPG)
		return c->text[0] != '\0' && printable(c->text, PROJECT_MAX_BYTES) ? 0 : -EINVAL;
	if (strlen(c->text) < RAW_MIN_BYTES || c->text[0] != 'V')
		return -EINVAL;
	return printable(c->text, QLINK_MAX_COMMAND) ? 0 : -EINVAL;
}

int qlink_command_check(const struct command *c)
{
	const char *letter = specs[c->verb].params;
	bool optional = false;
	unsigned i = 0;

	if (c->verb == QLINK_COMMAND_RAW || c->verb == QLINK_COMMAND_VPG)
		return check_text(c);
	for (; *letter != '\0'; letter++) {
		const struct range *range;

		if (*letter == '[') {
			optional = true;
			continue;
		}
		if (i == c->count)
			return optional && groups_complete(c) ? 0 : -EINVAL;
		range = qlink_range_of(*letter);
		if (c->params[i] < range->min || c->params[i] > range->max)
			return -EINVAL;
		if (*letter == 'r' && !is_register(c->params[i]))
			return -EINVAL;
		i++;
	}
	return i == c->count && groups_complete(c) ? 0 : -EINVAL;
}

/* The fourth number of a raw VSW: its function; -1 when it is none. */
static int32_t raw_switch_state(const char *text)
{
	struct line_fields fields;
	int32_t state = -1;

	text += 3;
	if (*text != '\0' && strchr("!@#$", *text))
		text++;
	qlink_line_fields((struct span){ text, strlen(text) }, &fields);
	if (fields.count >= 4)
		qlink_span_number(fields.at[3], &state);
	return state;
}

enum command_access qlink_command_access(const struct command *c)
{
	enum qlink_command verb = c->verb;
	int32_t state;

	if (verb == QLINK_COMMAND_RAW && !qlink_command_verb(c->text, &verb))
		return ACCESS_CONTROL;
	if (verb != QLINK_COMMAND_VSW)
		return specs[verb].access;
	state = c->verb == QLINK_COMMAND_RAW ? raw_switch_state(c->text) : c->params[3];
	return state == QLINK_SWITCH_LEARN ? ACCESS_PROGRAM : ACCESS_CONTROL;
}

bool qlink_command_known(const struct command *c)
{
	enum qlink_command verb;

	return c->verb != QLINK_COMMAND_RAW || qlink_command_verb(c->text, &verb);
}

bool qlink_command_repeatable(const struct command *c)
{
	enum qlink_command verb = c->verb;

	if (verb == QLINK_COMMAND_RAW && !qlink_command_verb(c->text, &verb))
		return false;
	return specs[verb].repeatable;
}

bool qlink_command_answered(const struct command *c)
{
	return c->verb != QLINK_COMMAND_RAW || c->text[3] != '!';
}

/* Whole seconds never carry a fraction: firmware reads "3.0" as a very long fade (2.3). */
static void put_fade(struct cmn_writer *w, int32_t fade_ms)
{
	char text[16];
	int32_t tenths = (fade_ms + 50) / 100;

	if (tenths == 0)
		return;
	if (tenths % 10 == 0)
		snprintf(text, sizeof(text), " %d", (int)(tenths / 10));
	else
		snprintf(text, sizeof(text), " %d.%d", (int)(tenths / 10), (int)(tenths % 10));
	cmn_writer_text(w, text);
}

static void put_params(struct cmn_writer *w, const struct command *c)
{
	const char *letter = specs[c->verb].params;
	char text[16];

	for (unsigned i = 0; i < c->count; letter++) {
		if (*letter == '[')
			continue;
		snprintf(text, sizeof(text), " %d", (int)c->params[i]);
		if (*letter == 'f')
			put_fade(w, c->params[i]);
		else
			cmn_writer_text(w, text);
		i++;
	}
}

size_t qlink_command_encode(const struct command *c, char modifier, char bytes[COMMAND_MAX_BYTES])
{
	const char mark[] = { modifier, '\0' };
	char text[64];
	struct cmn_writer w;

	cmn_writer_init(&w, (uint8_t *)bytes, COMMAND_MAX_BYTES);
	if (c->verb == QLINK_COMMAND_RAW) {
		cmn_writer_text(&w, c->text);
		return w.failed ? 0 : w.pos;
	}
	cmn_writer_text(&w, specs[c->verb].verb);
	cmn_writer_text(&w, mark);
	if (c->verb == QLINK_COMMAND_VPG) {
		cmn_writer_text(&w, " ");
		cmn_writer_text(&w, c->text);
	} else if (c->verb == QLINK_COMMAND_STATION_TUNE) {
		snprintf(text, sizeof(text), " %d C%d 97 %X %d", (int)c->params[0],
			 (int)c->params[1], (unsigned)c->params[2], (int)c->params[3]);
		cmn_writer_text(&w, text);
	} else {
		put_params(&w, c);
	}
	return w.failed ? 0 : w.pos;
}
