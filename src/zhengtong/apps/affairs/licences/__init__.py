"""Electronic licences 电子证照: types, issue, files, verification anywhere, use by others under purpose and trace."""
