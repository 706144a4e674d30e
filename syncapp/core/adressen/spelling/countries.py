"""Countries as people write them in addresses: German and English names, ISO codes, letters of vehicles.

Purpose: `country_code` makes them one; `german_name` is what goes to Advoware where nothing better was read.
Invariant: a word means one country; a vehicle's letters that are another country's ISO code are left out.
To extend: a country that occurs is a line of COUNTRIES: ISO-2, ISO-3, German name, then whatever else people write.
"""

from collections.abc import Mapping

COUNTRIES: Mapping[str, tuple[str, ...]] = {
    "AE": ("ARE", "Vereinigte Arabische Emirate", "United Arab Emirates", "UAE"),
    "AF": ("AFG", "Afghanistan"),
    "AL": ("ALB", "Albanien", "Albania"),
    "AR": ("ARG", "Argentinien", "Argentina", "RA"),
    "AT": ("AUT", "Österreich", "Austria", "A"),
    "AU": ("AUS", "Australien", "Australia"),
    "BA": ("BIH", "Bosnien und Herzegowina", "Bosnien-Herzegowina", "Bosnia and Herzegovina"),
    "BE": ("BEL", "Belgien", "Belgium", "B"),
    "BG": ("BGR", "Bulgarien", "Bulgaria"),
    "BR": ("BRA", "Brasilien", "Brazil"),
    "BY": ("BLR", "Belarus", "Weißrussland"),
    "CA": ("CAN", "Kanada", "Canada", "CDN"),
    "CH": ("CHE", "Schweiz", "Switzerland", "Suisse", "Svizzera"),
    "CL": ("CHL", "Chile", "RCH"),
    "CN": ("CHN", "China", "Volksrepublik China"),
    "CY": ("CYP", "Zypern", "Cyprus"),
    "CZ": ("CZE", "Tschechien", "Tschechische Republik", "Czech Republic", "Czechia"),
    "DE": ("DEU", "Deutschland", "Germany", "D", "Bundesrepublik Deutschland", "BRD"),
    "DK": ("DNK", "Dänemark", "Denmark"),
    "DZ": ("DZA", "Algerien", "Algeria"),
    "EE": ("EST", "Estland", "Estonia"),
    "EG": ("EGY", "Ägypten", "Egypt"),
    "ES": ("ESP", "Spanien", "Spain", "E"),
    "FI": ("FIN", "Finnland", "Finland"),
    "FR": ("FRA", "Frankreich", "France", "F"),
    "GB": ("GBR", "Großbritannien", "United Kingdom", "UK", "Vereinigtes Königreich", "England", "Great Britain"),
    "GE": ("GEO", "Georgien", "Georgia"),
    "GR": ("GRC", "Griechenland", "Greece"),
    "HK": ("HKG", "Hongkong", "Hong Kong"),
    "HR": ("HRV", "Kroatien", "Croatia"),
    "HU": ("HUN", "Ungarn", "Hungary", "H"),
    "IE": ("IRL", "Irland", "Ireland"),
    "IL": ("ISR", "Israel"),
    "IN": ("IND", "Indien", "India"),
    "IQ": ("IRQ", "Irak", "Iraq"),
    "IR": ("IRN", "Iran"),
    "IS": ("ISL", "Island", "Iceland"),
    "IT": ("ITA", "Italien", "Italy", "I"),
    "JP": ("JPN", "Japan", "J"),
    "KR": ("KOR", "Südkorea", "South Korea", "ROK"),
    "KZ": ("KAZ", "Kasachstan", "Kazakhstan"),
    "LB": ("LBN", "Libanon", "Lebanon", "RL"),
    "LI": ("LIE", "Liechtenstein", "FL"),
    "LT": ("LTU", "Litauen", "Lithuania"),
    "LU": ("LUX", "Luxemburg", "Luxembourg", "L"),
    "LV": ("LVA", "Lettland", "Latvia"),
    "MA": ("MAR", "Marokko", "Morocco"),
    "MC": ("MCO", "Monaco"),
    "MD": ("MDA", "Moldau", "Republik Moldau", "Moldova"),
    "ME": ("MNE", "Montenegro"),
    "MK": ("MKD", "Nordmazedonien", "North Macedonia", "Mazedonien", "NMK"),
    "MT": ("MLT", "Malta", "M"),
    "MX": ("MEX", "Mexiko", "Mexico"),
    "NL": ("NLD", "Niederlande", "Netherlands", "Holland", "The Netherlands"),
    "NO": ("NOR", "Norwegen", "Norway", "N"),
    "NZ": ("NZL", "Neuseeland", "New Zealand"),
    "PL": ("POL", "Polen", "Poland"),
    "PT": ("PRT", "Portugal", "P"),
    "RO": ("ROU", "Rumänien", "Romania"),
    "RS": ("SRB", "Serbien", "Serbia"),
    "RU": ("RUS", "Russland", "Russia", "Russische Föderation"),
    "SE": ("SWE", "Schweden", "Sweden", "S"),
    "SG": ("SGP", "Singapur", "Singapore"),
    "SI": ("SVN", "Slowenien", "Slovenia", "SLO"),
    "SK": ("SVK", "Slowakei", "Slovakia", "Slowakische Republik"),
    "SY": ("SYR", "Syrien", "Syria"),
    "TH": ("THA", "Thailand"),
    "TN": ("TUN", "Tunesien", "Tunisia"),
    "TR": ("TUR", "Türkei", "Turkey", "Türkiye"),
    "UA": ("UKR", "Ukraine"),
    "US": ("USA", "Vereinigte Staaten", "United States", "Vereinigte Staaten von Amerika", "United States of America"),
    "VN": ("VNM", "Vietnam"),
    "XK": ("XKX", "Kosovo", "RKS"),
    "ZA": ("ZAF", "Südafrika", "South Africa"),
}
ISO_BY_WORD: Mapping[str, str] = {word.casefold(): iso for iso, words in COUNTRIES.items() for word in (iso, *words)}


def country_code(text: str, *, home: str) -> str:
    """The ISO-2 code; the home country where nothing is said, the text itself (folded) where nobody knows it."""
    folded = " ".join(text.split()).casefold()
    return ISO_BY_WORD.get(folded.rstrip("."), folded) if folded else home


def german_name(iso: str) -> str | None:
    words = COUNTRIES.get(iso)
    return words[1] if words else None
