/* SPDX-License-Identifier: MIT */
/*
 * Answers of several lines: counts, rows, what stands between them, and their bounds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reply.h"

#include <errno.h>
#include <string.h>

#include "replies.h"
#include "words.h"

static void test_rows(void **state)
{
	(void)state;
	check("VQP 1", "2\n1 1 1 5 1.0\n1 2 2 2 1.1", true,
	      "more, more, bare | 1 1 1 5 1.0 | 1 2 2 2 1.1");
	check("VQP 1", "RQP 1 1\nRQP# 1 1 1 5 1.0 extra", false, "more, named | 1 1 1 5 1.0");
	check("VQS 1",
	      "RQS 1 3\nRQS 1 1 0 15 1.0 1 10123\nRQS 1 2 2 0 1.0 2 10124\n"
	      "RQS 1 3 1 0 1.0 3 0010125 9 9",
	      false,
	      "more, more, more, named | 1 1 0 21 1.0 1 10123 | 1 2 2 0 1.0 2 10124 | "
	      "1 3 1 0 1.0 3 10125");
	check("VQS 1", "0", true, "bare");
	check("VQS 1", "RQS 1 0", false, "named");
	check("VQP 1", "0", true, "bare");
	check("VQS 1", "RQS 1 1\nRQS 1 9 77 FF x 63 256", false,
	      "more, named | 1 9 77 255 x 63 256");
	/* What is no row in between. */
	check("VQP 1",
	      "RQP 1 2\nRQP 1 1 1 5 1.0\nRQP 2 1 1 5 1.0\nhello\nRQP 1 1 2\n"
	      "RQP 1 1 x 5 1.0\nRQP 1 1 2 5 1.0",
	      false, "more, more, no, no, no, no, named | 1 1 1 5 1.0 | 1 1 2 5 1.0");
	check("VQS 1", "RQS 1 1\nRQS 1 1 0 1G 1.0 1 10123\nRQS 1 1 0 15 1.0 1", false,
	      "more, no, no");
	check("VQS 1", "RQS 2 3", false, "no");
	check("VQS 1", "257", true, "EIO 257");
	check("VQS 1", "RQS 1 2\n258", false, "more, EIO 258");
}

static void test_row_counts(void **state)
{
	(void)state;
	check("VQP 1", "16", true, "more");
	check("VQP 1", "17", true, "EPROTO");
	check("VQS 1", "189", true, "more");
	check("VQS 1", "190", true, "EPROTO");
	check("VQS 1", "RQS 1 999999999", false, "EPROTO");
	check("VQS 1", "RQS 1 -1", false, "EPROTO");
	check("VQP 1", "-1", true, "EPROTO");
	check("VQP 1", "9999999999", true, "no");
}

/* A NUL inside a version must not shift the versions of the rows behind it. */
static void test_row_with_nul(void **state)
{
	static const char first[] = "RQP 1 1 1 5 1.\0009";
	struct reply r = { 0 };
	struct command c;

	(void)state;
	assert_true(words_request("VQP 1", &c));
	assert_int_equal(qlink_reply_take(&r, &c, (struct span){ "RQP 1 2", 7 }, false),
			 REPLY_MORE);
	assert_int_equal(qlink_reply_take(&r, &c, (struct span){ first, sizeof(first) - 1 }, false),
			 REPLY_MORE);
	assert_int_equal(qlink_reply_take(&r, &c, (struct span){ "RQP 1 1 2 5 2.0", 15 }, false),
			 REPLY_DONE);
	assert_string_equal(r.modules[0].version, "1.");
	assert_string_equal(r.modules[1].version, "2.0");
	qlink_reply_free(&r);
}

static void test_lines(void **state)
{
	(void)state;
	check("raw VXX@ 1", "anything at all", true, "bare <anything at all>");
	check("raw VXX# 1", "anything at all", false, "bare <anything at all>");
	check("raw VXX@ 1", "256", true, "EIO 256");
	check("raw-lines V?V@ 1", "a\nb\n257\nc", true, "more, more, more, more");
	check("raw-lines V?V@ 1", "257", true, "EIO 257");
	check("V?V 1", "a\n257", true, "more, more");
	check("V?D 1 0", "256", true, "EIO 256");
}

/* At most 1024 lines and 64 KiB of text are kept. */
static void test_line_limits(void **state)
{
	struct reply r = { 0 };
	struct command c;
	char line[1000];

	(void)state;
	assert_true(words_request("raw-lines V?V@ 1", &c));
	for (unsigned i = 0; i < 1024; i++)
		assert_int_equal(qlink_reply_take(&r, &c, (struct span){ "x", 1 }, true),
				 REPLY_MORE);
	assert_int_equal(qlink_reply_take(&r, &c, (struct span){ "x", 1 }, true), REPLY_DONE);
	assert_int_equal(r.error, -EPROTO);
	qlink_reply_free(&r);
	memset(line, 'x', sizeof(line));
	for (unsigned i = 0; i < 65; i++)
		assert_int_equal(qlink_reply_take(&r, &c, (struct span){ line, 1000 }, true),
				 REPLY_MORE);
	assert_int_equal(qlink_reply_take(&r, &c, (struct span){ line, 1000 }, true), REPLY_DONE);
	assert_int_equal(r.error, -EPROTO);
	qlink_reply_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),         cmocka_unit_test(test_row_counts),
		cmocka_unit_test(test_row_with_nul), cmocka_unit_test(test_lines),
		cmocka_unit_test(test_line_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
