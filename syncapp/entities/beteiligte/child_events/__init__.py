"""What EspoCRM tells of addresses and accounts that are records of their own: taken in, judged, led to their record."""
