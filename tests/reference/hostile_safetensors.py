"""Files that are, or nearly are, of the safetensors format: each tries one rule."""

import json
import struct


def pack(header, data: bytes = b"", length: int | None = None) -> bytes:
    if not isinstance(header, bytes):
        header = (header if isinstance(header, str) else json.dumps(header)).encode()
    return struct.pack("<Q", len(header) if length is None else length) + header + data


def tensor(dtype="F32", shape=(1,), begin=0, end=4) -> dict:
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end]}


def hostile_headers() -> list[bytes]:
    one = json.dumps(tensor())
    four, eight = bytes(4), bytes(8)

    def fields(text: str) -> bytes:
        return pack('{"a":{%s}}' % text, four)

    def extra(text: str) -> bytes:
        return fields(f'"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":{text}')

    def shaped(text: str, end: int = 0) -> bytes:
        return pack(
            '{"a":{"dtype":"F32","shape":%s,"data_offsets":[0,%d]}}' % (text, end), bytes(end)
        )

    def pair(first, second, size: int) -> bytes:
        return pack(
            {
                "a": tensor(begin=first[0], end=first[1]),
                "b": tensor(begin=second[0], end=second[1]),
            },
            bytes(size),
        )

    return [
        b"",
        b"{}",
        b"1234567",
        bytes(8),
        bytes(9),
        b"version https://git-lfs.github.com/spec/v1\n",
        pack("{}"),
        pack("{}", b"", 3),
        pack("{}", b"", 2**31),
        pack("{}", b"", 2**63),
        pack("{}", b"", 2**64 - 1),
        pack("{}", b"", 100_000_000),
        pack("{}", b"", 100_000_001),
        pack("{}", b"x"),
        pack("[]"),
        pack("3"),
        pack('"a"'),
        pack("null"),
        pack(""),
        pack(" {}"),
        pack("{} \t\r\n"),
        pack("{}\0"),
        pack("{}x"),
        pack("{}{}"),
        pack("{,}"),
        pack(b'\xef\xbb\xbf{"a":%s}' % one.encode(), four),
        pack(b'{"\xff":%s}' % one.encode(), four),
        pack(b'{"\xc0\xaf":%s}' % one.encode(), four),
        pack(b'{"\xed\xa0\x80":%s}' % one.encode(), four),
        pack(b'{"a\x01":%s}' % one.encode(), four),
        pack(b'{"a\x00":%s}' % one.encode(), four),
        pack('{"\\ud800":%s}' % one, four),
        pack('{"\\ud83d\\ude00":%s}' % one, four),
        pack('{"\\udc00\\ud800":%s}' % one, four),
        pack('{"\\u0000":%s}' % one, four),
        pack('{"\\x41":%s}' % one, four),
        pack('{"":%s}' % one, four),
        pack("{a:%s}" % one, four),
        pack("{'a':%s}" % one, four),
        pack('{"a":%s,}' % one, four),
        pack('{/**/"a":%s}' % one, four),
        pack('{"a":%s,"a":%s}' % (one, one), four),
        pack('{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"a":%s}' % one, four),
        pack('{"a":%s,"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}' % one, bytes(12)),
        pack('{"a":{},"a":%s}' % one, four),
        pack('{"a":3,"a":%s}' % one, four),
        *(
            pack('{"__metadata__":%s,"a":%s}' % (value, one), four)
            for value in (
                "{}",
                "null",
                "3",
                "[]",
                '"x"',
                '{"k":"v"}',
                '{"k":1}',
                '{"k":null}',
                '{"k":{}}',
                '{"k":["v"]}',
                '{"k":"v","k":"w"}',
                one,
            )
        ),
        pack('{"__metadata__":{},"__metadata__":{},"a":%s}' % one, four),
        pack('{"__metadata__":{"a":"b"}}', four),
        pack('{"__metadata__ ":%s}' % one, four),
        pack('{"\\u005f_metadata__":{"k":"v"}}'),
        *(
            pack('{"a":%s}' % value, four)
            for value in (
                "3",
                "null",
                "[]",
                '"x"',
                "true",
                "{}",
                '["F32",[1],[0,4]]',
                '["F32",[1]]',
            )
        ),
        *(
            fields(f'"dtype":{value},"shape":[1],"data_offsets":[0,4]')
            for value in (
                "null",
                "3",
                '{"F32":null}',
                '{"F32":{}}',
                '["F32"]',
                '"F32 "',
                '"\\u004632"',
                "true",
            )
        ),
        fields('"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]'),
        fields('"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]'),
        fields('"dtype":"F32","shape":[1],"data_offsets":[0,4],"data_offsets":[0,4]'),
        fields('"shape":[1],"data_offsets":[0,4]'),
        fields('"dtype":"F32","data_offsets":[0,4]'),
        fields('"dtype":"F32","shape":[1]'),
        fields('"DTYPE":"F32","shape":[1],"data_offsets":[0,4]'),
        *(
            fields(f'"dtype":"F32","shape":[1],"data_offsets":{value}')
            for value in (
                "[0]",
                "[]",
                "[0,4,4]",
                "{}",
                "null",
                '"04"',
                "[0,4.0]",
                "[-0,4]",
                "[0,-4]",
                "[0,04]",
                "[[0,4]]",
                "[0,[4]]",
                "[null,4]",
                "[4,0]",
                "[1,5]",
                "[0,5]",
                "[0,18446744073709551615]",
                "[0,18446744073709551616]",
                "[18446744073709551615,3]",
                "[0,4e0]",
            )
        ),
        *(
            shaped(value, 4)
            for value in (
                "[1]",
                "[]",
                "[1,1,1,1,1,1,1,1,1,1]",
                "[2]",
                "[0]",
                "[1.0]",
                "[1e0]",
                "[-1]",
                "[-0]",
                "[null]",
                "[[1]]",
                "[{}]",
                "3",
                "null",
                "{}",
                '"1"',
                '["1"]',
                "[true]",
                "[01]",
                "[1,]",
                "[4294967296,4294967296]",
                "[4611686018427387905]",
                "[9223372036854775808]",
            )
        ),
        *(
            shaped(value)
            for value in (
                "[0]",
                "[0,0]",
                "[0,9223372036854775807]",
                "[9223372036854775807,0]",
                "[0,9223372036854775808]",
                "[18446744073709551615,0]",
                "[18446744073709551615,2,0]",
                "[9223372036854775807,3,0]",
                "[18446744073709551616,0]",
                "[4611686018427387904]",
                "[2305843009213693952]",
                "[576460752303423488]",
            )
        ),
        pair((0, 4), (4, 8), 8),
        pair((4, 8), (0, 4), 8),
        pair((0, 4), (0, 4), 4),
        pair((0, 4), (0, 4), 8),
        pair((0, 4), (2, 6), 6),
        pair((0, 4), (5, 9), 9),
        pair((4, 8), (8, 12), 12),
        pair((0, 4), (4, 8), 7),
        pair((0, 4), (4, 8), 9),
        pair((0, 8), (8, 8), 8),
        pair((4, 4), (0, 4), 4),
        pack(
            {"a": tensor(), "b": tensor(shape=[0], begin=4, end=4), "c": tensor(begin=4, end=8)},
            eight,
        ),
        pack(
            {
                "z": tensor(shape=[0], begin=0, end=0),
                "a": tensor(),
                "b": tensor(shape=[0], begin=0, end=0),
            },
            four,
        ),
        pack({"a": tensor(), "b": tensor(shape=[0], begin=2, end=2)}, four),
        pack({"a": tensor(), "b": tensor(shape=[0], begin=9, end=9)}, four),
        *(
            extra(value)
            for value in (
                "null",
                "1",
                "-1",
                "1.5",
                "1e400",
                "-1e400",
                "1e-400",
                "9" * 400,
                '"s"',
                '"\\ud800"',
                "[]",
                "{}",
                "nul",
                "NaN",
                "Infinity",
                '{"dtype":1,"shape":{"shape":[]}}',
                '{"x":1,"x":2}',
                "[1,[2,{}]]",
                "+1",
                ".5",
                "1.",
                "0x1",
                "00",
            )
        ),
        *(
            extra("[" * depth + "]" * depth)
            for depth in (1, 100, 124, 125, 126, 127, 128, 1000, 100_000)
        ),
        *(extra('{"a":' * depth + "1" + "}" * depth) for depth in (1, 124, 125, 126, 127)),
        extra("[" * 1000),
        extra("]"),
        extra("}"),
        pack("{" * 100_000),
        pack('{"a":' * 1000),
        pack("[" * 100_000),
        pack('{"a":' + "[" * 100_000),
    ]
