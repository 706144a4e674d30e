"""What was seen before: whether EspoCRM's record had been edited before a status of ours, when an appointment was last
read by itself, and since when Advoware's list of employees lacks somebody.

NULL for rows, and versions, that know none of it.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("syncapp", "0002_control_held_until")]

    operations = [
        migrations.AddField(
            model_name="syncrecord",
            name="espo_touched",
            field=models.BooleanField(blank=True, null=True),
        ),
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
