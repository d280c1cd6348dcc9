# SPDX-License-Identifier: MIT
"""How acknowledgements look: as they should, or one of the ways to do it wrong."""

from .wire import ACKS_MAX, CHANNELS, DRW_MARK, build_acks

# Nobody has sent what is so far ahead.
FUTURE = 1000
PADDED_SIZE = 32
TOO_MANY = 100


class AckStyle:
    """`mode` says which indexes, `shape` how the list is laid out, `storm` how often.

    `never` is mute; `single` one index a packet; `repeat` each index three times; `reverse` the
    last first; `future` three that nobody has sent as well; `many` the list again and again up
    to 100 indexes; `other` the same list for the next channel as well.
    """

    MODES = ("normal", "single", "repeat", "reverse", "future", "never", "many", "other")
    SHAPES = ("exact", "padded", "short")

    def __init__(self):
        self.mode = "normal"
        self.shape = "exact"
        self.mark = DRW_MARK
        self.storm = 1

    def messages(self, channel, indexes):
        """The packets for these indexes, in the order in which they go out."""
        if self.mode == "never":
            return []
        found = self.once(channel, indexes)
        if self.storm > 1:
            found = [message for message in found for _ in range(self.storm)]
        return found

    def once(self, channel, indexes):
        if self.mode == "single":
            return [self.message(channel, [index]) for index in indexes]
        if self.mode == "many":
            times = -(-TOO_MANY // len(indexes))
            return [self.message(channel, (indexes * times)[:max(TOO_MANY, len(indexes))])]
        if self.mode == "repeat":
            indexes = [index for index in indexes for _ in range(3)]
        elif self.mode == "reverse":
            indexes = indexes[::-1]
        elif self.mode == "future":
            last = indexes[-1]
            indexes = indexes + [(last + FUTURE + more) & 0xFFFF for more in range(3)]
        found = [self.message(channel, indexes[place:place + ACKS_MAX])
                 for place in range(0, len(indexes), ACKS_MAX)]
        if self.mode == "other":
            found.append(self.message((channel + 1) % CHANNELS, indexes[:ACKS_MAX]))
        return found

    def message(self, channel, indexes):
        if self.shape == "short":
            return build_acks(channel, indexes, self.mark, len(indexes) + 3)
        message = build_acks(channel, indexes, self.mark)
        missing = PADDED_SIZE - (len(message) - 4)
        if self.shape == "padded" and missing > 0:
            # The length counts the padding, the count does not.
            message = message[:3] + bytes([PADDED_SIZE]) + message[4:] + bytes(missing)
        return message


def parse_indexes(text):
    """`0,5,7-90` as a list of numbers."""
    found = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        first, last = int(first), int(last or first)
        if not 0 <= first <= last <= 0xFFFF:
            raise ValueError(f"'{part}' is neither an index nor a range")
        found += range(first, last + 1)
    return found
