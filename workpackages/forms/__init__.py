from workpackages.forms.indicator import TargetForm, ValueForm

__all__ = ["TargetForm", "ValueForm"]
