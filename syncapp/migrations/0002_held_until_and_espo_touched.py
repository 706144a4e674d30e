"""When held writes to a side go on by themselves, and whether EspoCRM's record was edited before a status of ours.

NULL for rows, and versions, that know neither.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("syncapp", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="control",
            name="held_until",
            field=models.JSONField(blank=True, null=True, verbose_name="end of held writes"),
        ),
        migrations.AddField(
            model_name="syncrecord",
            name="espo_touched",
            field=models.BooleanField(blank=True, null=True),
        ),
    ]
