/* SPDX-License-Identifier: MIT */
/* From the library's log to a pcap file, a whole record at each write. */
#include "dump.h"

#include "pcap.h"

#include "tools/cli/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct {
	int fd;
	int error; /* the first one: nothing is written behind it */
	off_t size;
	uint16_t id;
	/* What the comment says of the datagram in the next line. */
	bool announced;
	struct ppcs_address local, peer;
} dump = { .fd = -1 };

/* All of it, or nothing: what follows a torn record cannot be read. */
static void write_whole(const uint8_t *data, size_t size)
{
	size_t done = 0;

	while (done < size && !dump.error) {
		ssize_t n = write(dump.fd, data + done, size - done);

		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR)
			dump.error = -errno;
	}
	if (!dump.error) {
		dump.size += (off_t)size;
	} else if (done > 0) {
		/* Where that cannot be done there is nothing else to do. */
		int ret = ftruncate(dump.fd, dump.size);

		(void)ret;
	}
}

int dump_open(const char *path)
{
	uint8_t head[PCAP_FILE_HEAD];

	dump.fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (dump.fd < 0)
		return -errno;
	pcap_file_head(head);
	write_whole(head, sizeof(head));
	return 0;
}

int dump_close(void)
{
	if (dump.fd >= 0 && close(dump.fd) < 0 && !dump.error)
		dump.error = -errno;
	dump.fd = -1;
	return dump.error;
}

/* A number and the sign behind it. The text behind that, or NULL. */
static const char *take_number(const char *text, unsigned most, char sign, unsigned *ret)
{
	unsigned value = 0;

	if (*text < '0' || *text > '9')
		return NULL;
	for (; *text >= '0' && *text <= '9'; text++) {
		value = 10 * value + (unsigned)(*text - '0');
		if (value > most)
			return NULL;
	}
	*ret = value;
	return *text == sign ? text + 1 : NULL;
}

/* "192.0.2.7:40611" and the sign behind it. */
static bool take_address(const char *text, char sign, struct ppcs_address *ret)
{
	unsigned value = 0;

	for (unsigned i = 0; i < 4 && text; i++) {
		text = take_number(text, UINT8_MAX, i < 3 ? '.' : ':', &value);
		ret->ip[i] = (uint8_t)value;
	}
	if (text)
		text = take_number(text, UINT16_MAX, sign, &value);
	ret->port = (uint16_t)value;
	return text != NULL;
}

/* "# >1 192.0.2.7:40611 P2P_RDY (udp 192.0.2.1:50000)". What goes over TCP is left out: the log
 * has its messages, not the frames around them. */
static void take_comment(const char *text)
{
	const char *peer = strchr(text + 2, ' ');
	const char *local = strstr(text, " (udp ");

	dump.announced = peer && local && take_address(peer + 1, ' ', &dump.peer) &&
			 take_address(local + 6, ')', &dump.local);
}

/* The source address for this peer; connecting sends nothing, it asks the routing table. */
static bool ask_route(const uint8_t peer[4], uint8_t ret_local[4])
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons(1) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(sa);
	bool found;
	int on = 1;

	if (fd < 0)
		return false;
	memcpy(&sa.sin_addr, peer, 4);
	found = setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)) == 0 &&
		connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0 &&
		getsockname(fd, (struct sockaddr *)&sa, &len) == 0;
	close(fd);
	if (found)
		memcpy(ret_local, &sa.sin_addr, 4);
	return found;
}

/* One socket goes to many places, but the library knows one address for it. */
static void find_local(struct ppcs_address *local, const struct ppcs_address *peer)
{
	static struct {
		bool known;
		uint8_t peer[4], local[4];
	} last;

	if (!last.known || memcmp(last.peer, peer->ip, sizeof(last.peer)) != 0) {
		memcpy(last.peer, peer->ip, sizeof(last.peer));
		last.known = ask_route(peer->ip, last.local);
	}
	if (last.known)
		memcpy(local->ip, last.local, sizeof(last.local));
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "<2 f130…": how many bytes. */
static size_t take_bytes(const char *text, uint8_t data[PCAP_PAYLOAD_MAX])
{
	const char *hex = strchr(text, ' ');
	size_t size = 0;

	while (hex && size < PCAP_PAYLOAD_MAX) {
		int high = hex_digit(hex[1]);
		int low = high < 0 ? -1 : hex_digit(hex[2]);

		if (low < 0)
			break;
		data[size++] = (uint8_t)(high << 4 | low);
		hex += 2;
	}
	return size;
}

static void take_datagram(const char *text)
{
	uint8_t data[PCAP_PAYLOAD_MAX], record[PCAP_RECORD_MAX];
	struct pcap_datagram d = { .data = data, .size = take_bytes(text, data), .id = dump.id++ };

	find_local(&dump.local, &dump.peer);
	d.from = *text == '>' ? dump.local : dump.peer;
	d.to = *text == '>' ? dump.peer : dump.local;
	clock_gettime(CLOCK_REALTIME, &d.time);
	write_whole(record, pcap_record(&d, record));
}

void dump_log(void *userdata, int level, const char *text)
{
	cli_log(userdata, level, text);
	if (level != CLI_LOG_WIRE || dump.fd < 0 || dump.error)
		return;
	if (*text == '#') {
		take_comment(text);
	} else if (dump.announced) {
		take_datagram(text);
		dump.announced = false;
	}
}
