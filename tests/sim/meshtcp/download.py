# SPDX-License-Identifier: MIT
"""The records that answer want_config_id, and what 2.8 sends after them (sheet, section 6)."""

import zlib

from .configs import FILES, module_count
from .stations import CHANNELS
from .tables import (BROADCAST, POSITION, STATUS, TELEMETRY, encode, from_radio)

CONFIG_ONLY, NODES_ONLY = 69420, 69421
BACKGROUND = 10


def wants(version, nonce):
    """Which parts a request asks for: (everything but nodes, other nodes)."""
    if nonce == CONFIG_ONLY and version >= (2, 3, 11):
        return True, False
    if nonce == NODES_ONLY and version >= (2, 6, 8):
        return False, True
    return True, True


def metadata(device):
    own = device.mesh.own
    position = device.own_admin().config.read("position")
    return {"firmware_version": device.firmware, "device_state_version": 24, "hasWifi": True,
            "hasBluetooth": True, "role": own.role, "hw_model": own.user.get("hw_model", 0),
            "position_flags": position.get("position_flags", 0),
            "hasPKC": bool(own.key), "excluded_modules": 0x1200}


def my_info(device):
    found = {"my_node_num": device.mesh.own.number, "reboot_count": device.reboots,
             "min_app_version": 30200, "pio_env": "simulated",
             "device_id": device.mesh.own.number.to_bytes(4, "big") * 4}
    if device.version >= (2, 7, 4):
        found["nodedb_count"] = 1 + len(device.mesh.others)
    return found


def region_presets():
    presets = [{"presets": [0, 3, 4, 5, 6, 7], "default": 0}, {"presets": [10, 11], "default": 10}]
    regions = [{"region": 1}, {"region": 3}, {"region": 29, "group_index": 1}]
    return {"group": presets, "region": regions}


def node_info(device, station):
    new = device.version >= (2, 8, 0)
    own = station is device.mesh.own
    return from_radio(node_info=station.node_info(
        device.clock.epoch(), thin=new and not own, own=own, name_max=24 if new else 39))


def records(device, nonce):
    """Payloads of FromRadio, from my_info to the end mark."""
    settings, nodes = wants(device.version, nonce)
    admin = device.own_admin()
    if settings:
        yield from_radio(my_info=my_info(device))
        yield from_radio(deviceuiConfig=admin.ui)
    yield node_info(device, device.mesh.own)
    if settings:
        yield from_radio(metadata=metadata(device))
        if device.version >= (2, 8, 0):
            yield from_radio(region_presets=region_presets())
        for index in range(CHANNELS):
            yield from_radio(channel=admin.channels[index])
        for number in range(1, 11):
            yield from_radio(config=admin.config.record(number))
        listed, filled = module_count(device.version)
        for number in range(1, listed + 1):
            record = admin.modules.record(number) if number <= filled else b""
            yield from_radio(moduleConfig=record)
    if nodes:
        for station in list(device.mesh.others.values()):
            yield node_info(device, station)
    if settings:
        for name, size in manifest(device.files):
            yield from_radio(fileInfo={"file_name": name, "size_bytes": size})
    yield from_radio(config_complete_id=nonce)


def manifest(count):
    more = tuple((f"/static/file{index}.gz", index) for index in range(len(FILES), count))
    return (FILES + more)[:count]


def history(device, nonce):
    """What is known of other nodes, as packets that look live but have an old rx_time."""
    if device.version < (2, 8, 0) or not wants(device.version, nonce)[1]:
        return
    for station in list(device.mesh.others.values()):
        heard = station.heard_at(device.clock.epoch())
        if station.position:
            yield stored(device, station, POSITION, encode("Position", station.position),
                         station.position.get("time", heard))
        if station.telemetry["device_metrics"]:
            telemetry = {"time": heard, "device_metrics": station.telemetry["device_metrics"]}
            yield stored(device, station, TELEMETRY, encode("Telemetry", telemetry), heard)
        if station.status:
            payload = encode("NodeStatus", {"status": station.status})
            yield stored(device, station, STATUS, payload, heard)


def stored(device, station, port, payload, when):
    """The id depends on node, port and time only, and so is the same after a reconnect."""
    key = f"{station.number} {port} {when}".encode()
    return from_radio(packet={
        "from": station.number, "to": BROADCAST, "id": zlib.crc32(key) or 1, "rx_time": when,
        "decoded": {"portnum": port, "payload": payload}, "priority": BACKGROUND,
        "transport_mechanism": 1, "channel": station.channel})
