import base64
import hashlib
import hmac
import sys

# region verify
TOLERANCE_SECONDS = 300


def verify(secret: str, id: str, timestamp: str, signatures: str, body: bytes, now: float) -> bool:
    """`body`: the bytes as they came, before any parser. `now`: time.time()"""
    if not timestamp.isdecimal() or abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{id}.{timestamp}.".encode() + body
    expected = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    # two signatures while the secret rotates; of an unknown version, none counts
    return any(
        hmac.compare_digest(f"v1,{expected}".encode(), signature.encode())
        for signature in signatures.split(" ")
    )
# endregion


# Examples to check it with: a line each of the secret, the three headers, the time, and the body in base64.
for line in sys.stdin:
    secret, id, timestamp, signatures, now, body = line.rstrip("\n").split("\t")
    valid = verify(secret, id, timestamp, signatures, base64.b64decode(body), float(now))
    print("true" if valid else "false")
