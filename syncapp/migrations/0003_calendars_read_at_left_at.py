"""When an appointment was last read by itself, so that those read longest ago come first; and since when Advoware's list
of employees lacks somebody, so that they are taken up again when they are back. NULL: not since it was shown; set aside
by a person, or not at all."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("syncapp", "0002_held_until_and_espo_touched")]

    operations = [
        migrations.AddField(
            model_name="appointment",
            name="read_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="calendaremployee",
            name="left_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
