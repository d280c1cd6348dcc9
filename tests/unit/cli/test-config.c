/* SPDX-License-Identifier: MIT */
/* The configuration file: what is taken, and every complaint with its file and line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tools/cli/config.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char dir[] = "/tmp/test-cli-config-XXXXXX";
static char path[64];
static char seen[1024];

static int note(void *userdata, const char *key, const char *value, char why[CLI_WHY_MAX])
{
	size_t len = strlen(seen);

	assert_ptr_equal(userdata, seen);
	if (strcmp(key, "bad") == 0) {
		snprintf(why, CLI_WHY_MAX, "bad key");
		return -ERANGE;
	}
	snprintf(seen + len, sizeof(seen) - len, "%s=%s;", key, value);
	return 0;
}

static int read_bytes(const void *data, size_t len, char why[CLI_WHY_MAX])
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
	seen[0] = '\0';
	why[0] = '\0';
	return cli_config_read(path, "qlink", note, seen, why);
}

static void assert_good(const char *text, const char *expected)
{
	char why[CLI_WHY_MAX];

	assert_int_equal(read_bytes(text, strlen(text), why), 0);
	assert_string_equal(why, "");
	assert_string_equal(seen, expected);
}

static void assert_bad(const char *text, int err, const char *expected)
{
	char why[CLI_WHY_MAX], all[CLI_WHY_MAX];

	assert_int_equal(read_bytes(text, strlen(text), why), err);
	snprintf(all, sizeof(all), "%s:%s", path, expected);
	assert_string_equal(why, all);
}

static void test_good(void **state)
{
	(void)state;
	assert_good("", "");
	assert_good("\n  \n", "");
	assert_good("# c\n; c\n[qlink]\nhost = 192.0.2.7\nport=3041", "host=192.0.2.7;port=3041;");
	assert_good("\xef\xbb\xbf[qlink]\r\nhost = a\r\n", "host=a;");
	assert_good("[meshtcp]\nbad = 1\n[qlink]\na: 1 ; no\n[ipcom]\nbad = 1\n", "a=1;");
	/* Indentation does not make it part of the line above. */
	assert_good("[qlink]\nhost = a\n  port = 5\n\t# c\n", "host=a;port=5;");
	assert_good("[qlink]\na = 1\n[ppcs-connect]\n[qlink]\na = 2\n", "a=1;a=2;");
}

static void test_bad(void **state)
{
	(void)state;
	assert_bad("[qlink]\nhost = a\nbad = 1\nx = y\n", -ERANGE, "3: bad key");
	assert_string_equal(seen, "host=a;");
	assert_bad("host = a\n", -EINVAL, "1: a key before the first section");
	assert_bad("[qlink]\n\n[qlnik]\nhost = a\n", -EINVAL, "3: unknown section [qlnik]");
	assert_bad("[qlink]\n[q]\n", -EINVAL, "2: unknown section [q]");
	assert_bad("[qlink]\nhost\n", -EINVAL, "2: neither [section] nor key = value");
	assert_bad("[qlink\nhost = a\n", -EINVAL, "1: neither [section] nor key = value");
	assert_bad("[qlink]\nhost\n[foo]\n", -EINVAL, "2: neither [section] nor key = value");
	assert_bad("[meshtcp]\nhost\n", -EINVAL, "2: neither [section] nor key = value");
}

static void test_hostile(void **state)
{
	char text[600], why[CLI_WHY_MAX], all[CLI_WHY_MAX];
	size_t len = strlen("[qlink]\nx = ");

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text, "[qlink]\nx = ", len);
	text[sizeof(text) - 1] = '\0';
	assert_bad(text, -EINVAL, "2: the line is too long");
	/* The longest line that goes into the buffer of inih, and one character more. */
	len = strlen("[qlink]\n") + INI_MAX_LINE - 1;
	assert_int_equal(read_bytes(text, len, why), 0);
	assert_int_equal(strlen(seen), strlen("x=;") + INI_MAX_LINE - 1 - strlen("x = "));
	assert_int_equal(read_bytes(text, len + 1, why), -EINVAL);
	assert_int_equal(read_bytes("[qlink]\nx = a\0b\n", 16, why), -EINVAL);
	snprintf(all, sizeof(all), "%s:2: a NUL byte in the line", path);
	assert_string_equal(why, all);
}

static void test_unreadable(void **state)
{
	char why[CLI_WHY_MAX], all[CLI_WHY_MAX];

	(void)state;
	seen[0] = '\0';
	assert_int_equal(cli_config_read(dir, "qlink", note, seen, why), -EISDIR);
	snprintf(all, sizeof(all), "%s: Is a directory", dir);
	assert_string_equal(why, all);
	assert_int_equal(cli_config_read("/nonexistent/config", "qlink", note, seen, why), 0);
	assert_int_equal(cli_config_read("/dev/null/config", "qlink", note, seen, why), 0);
}

static void test_path(void **state)
{
	char found[64];

	(void)state;
	setenv("HOME", "/home/me", 1);
	setenv("XDG_CONFIG_HOME", "/etc/xdg", 1);
	assert_true(cli_config_path(found, sizeof(found)));
	assert_string_equal(found, "/etc/xdg/linekeeper/config");
	assert_false(cli_config_path(found, 10));
	setenv("XDG_CONFIG_HOME", "relative", 1);
	assert_true(cli_config_path(found, sizeof(found)));
	assert_string_equal(found, "/home/me/.config/linekeeper/config");
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("HOME");
	assert_false(cli_config_path(found, sizeof(found)));
}

static int make_dir(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/config", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),    cmocka_unit_test(test_bad),
		cmocka_unit_test(test_hostile), cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_path),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
