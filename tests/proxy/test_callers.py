"""Who asks: from which header, from where, how often."""

import pytest

from syncapp.core.proxy.codes import Code, ProxyRefusal
from syncapp.proxy import brakes, callers, keys

pytestmark = pytest.mark.django_db
HERE = "10.0.5.17"


@pytest.fixture
def key(redis_client) -> str:
    brakes.forget()
    return keys.make(name="telephone", grants=["GET Akten"], by="root")[1]


def code_of(headers, address=HERE) -> Code:
    try:
        callers.admit(callers.of_key(headers, address))
    except ProxyRefusal as refused:
        return refused.code
    return Code.OK


HEADERS = {
    "bearer": (lambda key: {"Authorization": f"Bearer {key}"}, Code.OK),
    "bearer in small letters": (lambda key: {"Authorization": f"bearer  {key}"}, Code.OK),
    "X-Api-Key": (lambda key: {"X-Api-Key": key}, Code.OK),
    "KONG's apikey": (lambda key: {"apikey": key}, Code.OK),
    "the same twice": (lambda key: {"apikey": key, "X-Api-Key": key}, Code.OK),
    "two different ones": (lambda key: {"apikey": key, "X-Api-Key": "advo_"}, Code.UNAUTHORIZED),
    "basic": (lambda key: {"Authorization": f"Basic {key}"}, Code.UNAUTHORIZED),
    "a cookie": (lambda key: {"Cookie": f"apikey={key}"}, Code.UNAUTHORIZED),
    "nothing": (lambda key: {}, Code.UNAUTHORIZED),
}


@pytest.mark.parametrize("name", HEADERS)
def test_header(name, key):
    headers, code = HEADERS[name]
    assert code_of(headers(key)) == code


NETWORKS = {
    "no limit": ([], HERE, Code.OK),
    "within": (["10.0.5.0/24"], HERE, Code.OK),
    "one of two": (["192.168.1.1", "10.0.0.0/8"], HERE, Code.OK),
    "outside": (["10.0.6.0/24"], HERE, Code.NETWORK_NOT_ALLOWED),
    "the other family": (["10.0.5.0/24"], "fd00::1", Code.NETWORK_NOT_ALLOWED),
    "written as IPv6": (["10.0.5.0/24"], "10.0.5.1", Code.OK),
    "no address": (["10.0.5.0/24"], "", Code.NETWORK_NOT_ALLOWED),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_network(name, redis_client):
    networks, address, code = NETWORKS[name]
    _row, text = keys.make(name="n", grants=["GET Akten"], by="root", networks=networks)
    assert code_of({"apikey": text}, address) == code


ADDRESSES = {
    "not trusted": (False, "10.0.0.9", "1.2.3.4", "10.0.0.9"),
    "trusted": (True, "127.0.0.1", "1.2.3.4", "1.2.3.4"),
    "the last entry counts": (True, "127.0.0.1", "10.9.9.9, 1.2.3.4", "1.2.3.4"),
    "no header": (True, "127.0.0.1", "", "127.0.0.1"),
    "no address in the header": (True, "127.0.0.1", "unknown", "127.0.0.1"),
    "a unix socket": (True, "", "1.2.3.4", "1.2.3.4"),
    "a stranger is no proxy": (True, "8.8.8.8", "10.0.5.17", "8.8.8.8"),
    "IPv4 in IPv6": (True, "::ffff:127.0.0.1", "::ffff:10.0.5.17", "10.0.5.17"),
}


@pytest.mark.parametrize("name", ADDRESSES)
def test_address(name, settings):
    settings.TRUST_PROXY_HEADERS, peer, forwarded, wanted = ADDRESSES[name]
    assert callers.address_of({"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": forwarded}) == wanted


def test_wrong_keys_are_slowed_down_by_address_and_right_ones_are_not(key):
    codes = [code_of({"apikey": "advo_wrong"}) for _time in range(12)]
    assert codes == [Code.UNAUTHORIZED] * 10 + [Code.TOO_MANY_WRONG_KEYS] * 2
    assert code_of({"apikey": "advo_wrong"}, "10.0.5.18") == Code.UNAUTHORIZED
    assert code_of({"apikey": key}) == Code.OK


def test_a_whole_ipv6_network_counts_as_one(key):
    for number in range(10):
        code_of({}, f"2001:db8::{number}")
    assert code_of({}, "2001:db8::ffff") == Code.TOO_MANY_WRONG_KEYS
    assert code_of({}, "2001:db8:0:1::1") == Code.UNAUTHORIZED


def test_a_key_s_own_rate_and_that_of_all(redis_client, settings):
    settings.PROXY_RATE_PER_MINUTE = 1
    brakes.forget()
    made = [keys.make(name=f"k{n}", grants=["GET Akten"], by="root", rate_per_minute=7)[1] for n in range(2)]
    one, other = (callers.of_key({"apikey": text}, HERE) for text in made)
    for _time in range(7):
        callers.admit(one)
    with pytest.raises(ProxyRefusal) as refused:
        callers.admit(one)
    assert refused.value.code == Code.RATE_LIMITED
    assert refused.value.retry_after == pytest.approx(60 / 7, abs=1)
    for _time in range(3):  # ten in all
        callers.admit(other)
    with pytest.raises(ProxyRefusal):
        callers.admit(other)
