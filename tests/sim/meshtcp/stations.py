# SPDX-License-Identifier: MIT
"""The nodes of the mesh as the simulated node knows them, itself included.

What a node says about itself comes from here: user record, position, measurements, and the
configuration that remote administration reads and writes.
"""

import random

from .configs import CONFIG, MODULES, Sections
from .tables import BROADCAST, BROADCAST_LOCAL, SCHEMA, encode, node_id

OWN, BOB, CAROL = 0x9EA2F1C4, 0x433B2F10, 0xDA5AE2A0
RESERVED = (0, 1, 2, 3, 0xFF, BROADCAST)
FIRST = ("Hill", "Lake", "Barn", "Tower", "Ridge", "Harbour", "Garden", "Mill", "Forest", "Field")
SECOND = ("Relay", "House", "Camp", "Point", "Rover", "Station", "Box", "Roof", "Bike", "Van")
CHANNELS = 8
# Variants of telemetry: console name -> name in the table.
VARIANTS = {"device": "device_metrics", "environment": "environment_metrics",
            "air": "air_quality_metrics", "power": "power_metrics", "local": "local_stats",
            "health": "health_metrics", "host": "host_metrics",
            "traffic": "traffic_management_stats"}
FLAGS = ("via_mqtt", "is_favorite", "is_ignored", "is_muted", "is_key_manually_verified")


def default_channels():
    settings = [{"psk": b"\1", "module_settings": {"position_precision": 13}},
                {"psk": bytes(range(0xA0, 0xB0)), "name": "Trail", "id": 0x11223344,
                 "uplink_enabled": True}]
    found = [encode("Channel", {"index": index, "settings": values, "role": index + 1})
             for index, values in enumerate(settings)]
    return found + [encode("Channel", {"index": index, "settings": {}})
                    for index in range(len(found), CHANNELS)]


class Station:
    """One node. `user` is None while its user record was never heard."""

    def __init__(self, number, long_name=None, short_name=None, **user):
        self.number = number
        self.user = None
        if long_name is not None:
            self.user = {"long_name": long_name, "short_name": short_name or long_name[:4], **user}
        self.position = {}
        self.telemetry = {"device_metrics": {}}
        self.status = ""
        self.snr = 6.5
        self.rssi = -43
        self.hops = 0
        self.channel = 0
        self.heard_ago = 600
        self.last_heard = None
        self.flags = dict.fromkeys(FLAGS, False)
        self.admin = None

    @property
    def key(self):
        return (self.user or {}).get("public_key", b"")

    @property
    def role(self):
        return (self.user or {}).get("role", 0)

    def names(self):
        user = self.user or {}
        return user.get("short_name"), user.get("long_name")

    def set_user(self, values):
        self.user = (self.user or {"long_name": "", "short_name": ""}) | values

    def user_message(self, id_wanted=True, name_max=39):
        """The User message as a dict."""
        found = dict(self.user or {})
        if id_wanted:
            found["id"] = node_id(self.number)
        long_name = found.get("long_name", "").encode("utf-8", "surrogateescape")[:name_max]
        found["long_name"] = long_name.decode("utf-8", "ignore")
        return found

    def node_info(self, epoch, thin=False, own=False, name_max=39):
        """The NodeInfo message; a `thin` one goes without position and metrics (2.8)."""
        found = {"num": self.number, **self.flags}
        if self.user is not None:
            found["user"] = self.user_message(name_max=name_max)
        if self.position and not thin:
            found["position"] = self.position
        if self.telemetry["device_metrics"] and not thin:
            found["device_metrics"] = self.telemetry["device_metrics"]
        if own:
            return found | {"is_favorite": True, "last_heard": epoch or 0}
        return found | {"snr": self.snr, "last_heard": self.heard_at(epoch),
                        "channel": self.channel, "hops_away": self.hops}

    def heard_at(self, epoch):
        if self.last_heard is None and epoch is not None:
            self.last_heard = max(0, epoch - self.heard_ago)
        return self.last_heard or 0

    def measured(self, variant):
        """What there is of a kind of telemetry, None when this node has no such sensor."""
        return self.telemetry.get(variant)


class AdminState:
    """What administration can change on a node. The own node keeps its channels here too."""

    def __init__(self, station):
        keys = {"public_key": station.key, "private_key": bytes(32) if station.key else b""}
        self.config = Sections(SCHEMA, "Config", CONFIG, security=keys)
        self.modules = Sections(SCHEMA, "ModuleConfig", MODULES)
        self.channels = default_channels()
        self.texts = {"canned": "Hi|Bye|Yes|No", "ringtone": "24:d=32,o=5,b=565:f6,p,f6,4p"}
        self.ui = b"\x08\x01"
        self.passkey = None
        self.passkey_at = 0.0
        self.trusts = True
        self.editing = False
        self.changed = False


class Mesh:
    """All stations: `own` and, by number, `others`."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.own = own_station()
        self.others = {}

    def populate(self, count):
        """Gives the mesh `count` other nodes: Bob, Carol, and generated ones."""
        self.others.clear()
        known = (bob(), carol())
        for station in known[:count]:
            self.add(station)
        while len(self.others) < count:
            self.add(self.generated(len(self.others)))

    def add(self, station):
        if station.number in RESERVED or station.number == self.own.number:
            raise ValueError(f"{node_id(station.number)} cannot be another node")
        self.others[station.number] = station
        return station

    def generated(self, index):
        """A node with chance data; one in ten each never sent its name, position or key."""
        chance = self.random
        number = 0
        while number in RESERVED or number in self.others or number == self.own.number:
            number = chance.getrandbits(32)
        name = f"{chance.choice(FIRST)} {chance.choice(SECOND)} {index}"
        station = Station(number, name, f"{index:03d}"[-4:], public_key=chance.randbytes(32),
                          hw_model=chance.choice((9, 43, 50, 71)),
                          role=chance.choice((0, 0, 0, 1, 2, 5)))
        missing = index % 10
        if missing == 7:
            station.user = None
        elif missing == 3:
            station.user["public_key"] = b""
        if missing != 5:
            station.position = {"latitude_i": chance.randrange(-600000000, 700000000),
                                "longitude_i": chance.randrange(-1790000000, 1790000000),
                                "altitude": chance.randrange(-10, 3000), "location_source": 2,
                                "time": 1760000000 + index, "precision_bits": 32}
        station.telemetry["device_metrics"] = {
            "battery_level": chance.randrange(102), "voltage": chance.randrange(28, 34) / 8,
            "channel_utilization": chance.randrange(40) / 4, "air_util_tx": chance.randrange(8) / 4,
            "uptime_seconds": chance.randrange(1000000)}
        station.snr = chance.randrange(-60, 40) / 4
        station.rssi = -chance.randrange(30, 130)
        station.hops = chance.randrange(4)
        station.heard_ago = chance.randrange(60, 86400)
        return station

    def find(self, number):
        return self.own if number == self.own.number else self.others.get(number)

    def heard(self, number):
        """The station of a number; a node that was never heard of is known from now on."""
        return self.find(number) or self.add(Station(number))

    def parse(self, word):
        """The number that a word of the console means: ids, numbers, names."""
        if word in ("^all", "all"):
            return BROADCAST
        if word in ("^local", "local"):
            return self.own.number
        named = [one.number for one in (self.own, *self.others.values()) if word in one.names()]
        if len(named) == 1:
            return named[0]
        try:
            number = int(word[1:], 16) if word[0] == "!" else int(word, 0)
        except ValueError:
            raise ValueError(f"no node '{word}'") from None
        if not 0 <= number <= BROADCAST:
            raise ValueError(f"no node '{word}'")
        return number

    @staticmethod
    def everybody(number):
        return number in (BROADCAST, BROADCAST_LOCAL)

    def admin(self, station):
        if station.admin is None:
            station.admin = AdminState(station)
        return station.admin


def own_station():
    own = Station(OWN, "Base Camp", "BASE", hw_model=43, macaddr=bytes.fromhex("f4129ea2f1c4"),
                  public_key=bytes(range(0x20, 0x40)))
    own.position = {"latitude_i": 488566140, "longitude_i": 23522219, "altitude": 35,
                    "location_source": 1, "time": 1760000000, "precision_bits": 32}
    own.telemetry = {
        "device_metrics": {"battery_level": 101, "voltage": 4.25, "channel_utilization": 3.5,
                           "air_util_tx": 0.125, "uptime_seconds": 86400},
        "local_stats": {"uptime_seconds": 86400, "channel_utilization": 4.5, "air_util_tx": 0.75,
                        "num_packets_tx": 120, "num_packets_rx": 5000, "num_packets_rx_bad": 12,
                        "num_online_nodes": 2, "num_total_nodes": 3, "num_rx_dupe": 40,
                        "noise_floor": -98}}
    return own


def bob():
    """A neighbour with every sensor."""
    found = Station(BOB, "Bob \N{BICYCLE} K\u00fcche", "BOB", hw_model=9, role=2,
                    public_key=bytes(range(0x80, 0xA0)), is_unmessagable=False)
    found.position = {"latitude_i": -338688000, "longitude_i": 1512093000, "altitude": -3,
                      "location_source": 2, "time": 1760000100, "precision_bits": 32}
    found.telemetry = {
        "device_metrics": {"battery_level": 0, "voltage": 3.5, "channel_utilization": 12.25,
                           "air_util_tx": 1.5, "uptime_seconds": 4000000000},
        "environment_metrics": {"temperature": -12.5, "relative_humidity": 55.5,
                                "barometric_pressure": 1013.25, "lux": 0.0, "wind_direction": 270},
        "air_quality_metrics": {"pm10_standard": 3, "pm25_standard": 7, "co2": 612},
        "power_metrics": {"ch1_voltage": 12.5, "ch1_current": 250.0, "ch3_current": -40.0},
        "local_stats": {"uptime_seconds": 700, "num_packets_rx": 12, "noise_floor": -101},
        "health_metrics": {"heart_bpm": 61, "spO2": 98},
        "host_metrics": {"uptime_seconds": 900, "freemem_bytes": 1 << 33, "load1": 25},
        "traffic_management_stats": {"count1": 5}}
    found.status = "Making tea"
    return found


def carol():
    """Two hops away, heard over MQTT too, with nothing but its battery to tell."""
    found = Station(CAROL, "Carol", "CRL", hw_model=255, role=12, public_key=bytes(range(1, 33)))
    found.position = {"latitude_i": 525200080, "longitude_i": 134049540, "altitude": 40,
                      "location_source": 3, "time": 1760000200, "precision_bits": 16}
    found.telemetry["device_metrics"] = {"battery_level": 64, "voltage": 3.875,
                                         "uptime_seconds": 5400}
    found.snr, found.rssi, found.hops = -8.75, -111, 2
    found.flags["via_mqtt"] = True
    return found
